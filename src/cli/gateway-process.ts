import { type ApiServer, startApi } from '#api';
import { type ApicTls, createApicClient } from '#apic';
import {
  type ApicLogin,
  apicCa,
  apicLogin,
  applySettings,
  type Configuration,
  driftSettings,
  fabricPolicyRules,
  fabricSettings,
  foreignEpgs,
  inventorySettings,
  nodeEpg,
  readSecret,
  readText,
  readToken,
} from '#config';
import { InvalidInputError } from '#errors';
import { type ClusterSourceOptions, clusterSource, clusterWriter, eventWriter } from '#kubernetes';
import type { ApicPort, GatewayState, Logger, Measures, PolicyStore } from '#ports';
import { measuresInMemory, type Renewed, renewed, systemClock } from '#runtime';
import { type EtcdPolicyStoreOptions, etcdPolicyStore, memoryPolicyStore } from '#store';
import { createGateway, type Gateway, gatewayQueue } from '#workers';
import { delegateTo } from './delegation.js';
import { fencedDelegation, fencedStore, fencedWriter, type MayWrite, onlyWhile } from './fenced.js';

/** A gateway that runs in this process. */
export interface GatewayProcess {
  /** URL of its own API. */
  readonly url: string;
  readonly state: GatewayState;
  /** Ends when the gateway has stopped; rejects when it failed. */
  readonly done: Promise<void>;
  /** Stops it in order. */
  stop(): Promise<void>;
}

/**
 * Starts a gateway with real adapters, as the configuration says. Throws {@link InvalidInputError} for a bad configuration.
 * @param leads whether it may write at the moment; always when not given
 */
export async function startGateway(
  configuration: Configuration,
  log: Logger,
  environment: NodeJS.ProcessEnv,
  leads = (): boolean => true,
): Promise<GatewayProcess> {
  const stopping = new AbortController();
  const means = { clock: systemClock(), random: Math.random, log, onCrash: stopper(stopping, log) };
  const settings = policySettings(configuration);
  const cluster = clusterSide(configuration, { ...means, fabricPolicies: settings.fabricPolicyRules !== undefined });
  const { events, writer, measures } = cluster;
  const mayWrite = onlyWhile(leads);
  const apic = apicPort(configuration, log, environment, mayWrite);
  const store = fencedStore(policyStore(configuration, mayWrite), mayWrite);
  const onWish = (keys: readonly string[]): void => void gateway.retry(keys);
  const ends = { apic, store, mayTakeOver: mayWrite, stopped: stopping.signal };
  const delegation = delegateTo(configuration, { ...means, ...ends, onWish });
  const gateway = createGateway({
    ...settings,
    ...means,
    events,
    cluster: cluster.source,
    apic,
    store,
    delegation: delegation && fencedDelegation(delegation, mayWrite),
    queue: gatewayQueue(means),
    up: { inventory: inventorySettings(configuration), events, measures, writer: fencedWriter(writer, mayWrite) },
  });
  const api = await serve(configuration, gateway, { measures, leads, log }).catch(async (error: unknown) => {
    await delegation?.close();
    throw error;
  });
  delegation?.start();
  const parts = [events, { close: () => writer.close() }, { close: () => api.stop() }];
  const done = runThenStop(gateway, stopping.signal, [...parts, ...(delegation ? [delegation] : [])]);
  const stop = async (): Promise<void> => {
    await delegation?.drain();
    stopping.abort(new Error('the gateway is stopping'));
    await done;
  };
  return { url: api.url, state: gateway.state, done, stop };
}

/** Stops a gateway for an error after which it must not go on. */
const stopper =
  (stopping: AbortController, log: Logger) =>
  (key: string, error: unknown): void => {
    log.error({ key, error }, 'stopping: going on would do harm');
    stopping.abort(error);
  };

/** Everything that the gateway has to do with Kubernetes. */
function clusterSide(
  configuration: Configuration,
  means: Pick<ClusterSourceOptions, 'clock' | 'random' | 'log' | 'fabricPolicies'>,
) {
  const target = clusterTarget(configuration);
  return {
    source: clusterSource({ target, ...means }),
    events: eventWriter({ target, ...means }),
    writer: clusterWriter(target),
    measures: measuresInMemory(),
  };
}

/** What the configuration says of fabric, policy and writing. */
function policySettings(configuration: Configuration) {
  const { mergeGroupsAfterSeconds, freedNumbersRestSeconds } = configuration.fabric;
  return {
    settings: fabricSettings(configuration),
    foreignEpgs: foreignEpgs(configuration),
    nodeEpg: nodeEpg(configuration),
    mergeAfterMs: mergeGroupsAfterSeconds * 1000,
    restForMs: freedNumbersRestSeconds * 1000,
    apply: applySettings(configuration),
    drift: driftSettings(configuration),
    fabricPolicyRules: fabricPolicyRules(configuration),
  };
}

/** Serves the gateway's own API where the configuration says. Rejects where that cannot be, also for a file that cannot be used. */
async function serve(
  configuration: Configuration,
  { state, sync, plans }: Gateway,
  { measures, leads, log }: { readonly measures: Measures; readonly leads: () => boolean; readonly log: Logger },
): Promise<ApiServer> {
  const { host, port, tokenFile } = configuration.api;
  const token = tokenFile === undefined ? undefined : readToken(tokenFile);
  return startApi({ host, port, state, sync, plans, log, measures: () => measures.read(), leads, token });
}

/** What else is open is closed when the gateway has ended its work: the API answers until then. */
async function runThenStop(
  gateway: Gateway,
  signal: AbortSignal,
  closings: readonly { readonly close: () => Promise<void> | void }[],
): Promise<void> {
  try {
    await gateway.run(signal);
  } finally {
    for (const part of closings) await part.close();
  }
}

/** The policy store that the configuration names. `mayWrite` is asked again where a write is sent again. */
export function policyStore({ store, clusterId }: Configuration, mayWrite?: MayWrite): PolicyStore {
  if (store.kind === 'memory') return memoryPolicyStore();
  const { endpoints, user, passwordFile } = store;
  if ((user === undefined) !== (passwordFile === undefined)) {
    throw new InvalidInputError('store: user and passwordFile go together');
  }
  const login =
    user === undefined || passwordFile === undefined
      ? {}
      : { credentials: { username: user, password: renewed(() => readSecret(passwordFile)) } };
  const fence = mayWrite === undefined ? {} : { mayWrite };
  return etcdPolicyStore({ endpoints, clusterId, ...login, ...etcdTls(store), ...fence });
}

/** Certificates of an etcd that is reached over TLS; the system's CAs are trusted when none is named. */
function etcdTls(store: Extract<Configuration['store'], { kind: 'etcd' }>): Pick<EtcdPolicyStoreOptions, 'tls'> {
  const { caFile, certificateFile, keyFile } = store;
  if ((certificateFile === undefined) !== (keyFile === undefined)) {
    throw new InvalidInputError('store: certificateFile and keyFile go together');
  }
  if (caFile === undefined) {
    if (certificateFile === undefined) return {};
    throw new InvalidInputError('store: certificateFile needs caFile beside it');
  }
  const own =
    certificateFile === undefined || keyFile === undefined
      ? {}
      : { certificate: renewed(() => readText(certificateFile)), key: renewed(() => readText(keyFile)) };
  return { tls: { ca: renewed(() => readText(caFile)), ...own } };
}

/** The API server that the configuration names. */
export function clusterTarget({ kubernetes }: Configuration): Parameters<typeof clusterSource>[0]['target'] {
  const { url, kubeconfig, context } = kubernetes;
  if (url !== undefined) return { url };
  return { ...(kubeconfig === undefined ? {} : { kubeconfig }), ...(context === undefined ? {} : { context }) };
}

/** Password or key as they are at each login: they may be changed on disk meanwhile. */
function renewedLogin(read: () => ApicLogin): { password: Renewed } | { certificate: { name: string; key: Renewed } } {
  const { certificate } = read();
  if (certificate === undefined) return { password: renewed(() => read().password ?? '') };
  return { certificate: { name: certificate.name, key: renewed(() => read().certificate?.key ?? '') } };
}

/** The APIC client that the configuration names. Throws {@link InvalidInputError} when it names none, or does not say who asks. */
export function apicPort(
  configuration: Configuration,
  log: Logger,
  environment: NodeJS.ProcessEnv,
  mayWrite?: MayWrite,
): ApicPort {
  const { apic } = configuration;
  if (apic === undefined) throw new InvalidInputError('apic: missing; set apic.urls to the addresses of the APICs');
  const tls: ApicTls = {
    insecure: apic.insecureSkipTlsVerify,
    ...(apicCa(apic) === undefined ? {} : { ca: renewed(() => apicCa(apic) ?? '') }),
    ...(apic.pinnedSha256 === undefined ? {} : { pinnedSha256: apic.pinnedSha256 }),
  };
  if (apic.insecureSkipTlsVerify) {
    log.warn({ urls: apic.urls }, 'the certificate of the APIC is not verified (apic.insecureSkipTlsVerify)');
  }
  return createApicClient({
    urls: apic.urls,
    user: apic.user,
    ...renewedLogin(() => apicLogin(apic, environment)),
    format: apic.format,
    ...(apic.domain === undefined ? {} : { domain: apic.domain }),
    tls,
    timeoutMs: apic.timeoutSeconds * 1000,
    refreshTimeoutSeconds: apic.subscriptionSeconds,
    relistMs: apic.relistSeconds * 1000,
    ...(mayWrite === undefined ? {} : { mayWrite }),
    log,
    clock: systemClock(),
    random: Math.random,
  });
}
