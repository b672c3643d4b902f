import { startApi } from '#api';
import { type ApicTls, createApicClient } from '#apic';
import { apicPassword, type Configuration, fabricSettings, foreignEpgs, nodeEpg, readSecret, readText } from '#config';
import { InvalidInputError } from '#errors';
import { clusterSource } from '#kubernetes';
import type { ApicPort, GatewayState, Logger, PolicyStore } from '#ports';
import { systemClock } from '#runtime';
import { type EtcdPolicyStoreOptions, etcdPolicyStore, memoryPolicyStore } from '#store';
import { createGateway, type Gateway, inProcessQueue } from '#workers';
import { delegateTo } from './delegation.js';

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

/** Keys that are worked on at the same time: compile, apply, and the publishing of node policies beside them. */
const CONCURRENCY = 4;

/** Starts a gateway with real adapters, as the configuration says. Throws {@link InvalidInputError} for a bad configuration. */
export async function startGateway(
  configuration: Configuration,
  log: Logger,
  environment: NodeJS.ProcessEnv,
): Promise<GatewayProcess> {
  const clock = systemClock();
  const random = Math.random;
  const stopping = new AbortController();
  const settings = fabricSettings(configuration);
  const onCrash = (key: string, error: unknown): void => {
    log.error({ key, error }, 'stopping: going on would do harm');
    stopping.abort(error);
  };
  const apic = apicPort(configuration, log, environment);
  const store = policyStore(configuration);
  const onWish = (keys: readonly string[]): void => void gateway.retry(keys);
  const stopped = stopping.signal;
  const delegation = delegateTo(configuration, { apic, store, clock, random, log, onWish, onCrash, stopped });
  const gateway = createGateway({
    settings,
    foreignEpgs: foreignEpgs(configuration),
    nodeEpg: nodeEpg(configuration),
    mergeAfterMs: configuration.fabric.mergeGroupsAfterSeconds * 1000,
    cluster: clusterSource({ target: clusterTarget(configuration), log, clock, random }),
    apic,
    store,
    delegation,
    queue: inProcessQueue({ concurrency: CONCURRENCY, clock, random, log, onCrash }),
    clock,
    log,
  });
  const api = await startApi({ ...configuration.api, state: gateway.state }).catch(async (error: unknown) => {
    await delegation?.close();
    throw error;
  });
  delegation?.start();
  const done = runThenStop(gateway, stopping.signal, [() => api.stop(), async () => delegation?.close()]);
  return {
    url: api.url,
    state: gateway.state,
    done,
    stop: async () => {
      await delegation?.drain();
      stopping.abort(new Error('the gateway is stopping'));
      await done;
    },
  };
}

/** What else is open is closed when the gateway has ended its work: the API answers until then. */
async function runThenStop(
  gateway: Gateway,
  signal: AbortSignal,
  closings: readonly (() => Promise<void>)[],
): Promise<void> {
  try {
    await gateway.run(signal);
  } finally {
    for (const close of closings) await close();
  }
}

/** The policy store that the configuration names. */
export function policyStore({ store, clusterId }: Configuration): PolicyStore {
  if (store.kind === 'memory') return memoryPolicyStore();
  const { endpoints, user, passwordFile } = store;
  if ((user === undefined) !== (passwordFile === undefined)) {
    throw new InvalidInputError('store: user and passwordFile go together');
  }
  const login =
    user === undefined || passwordFile === undefined
      ? {}
      : { credentials: { username: user, password: readSecret(passwordFile) } };
  return etcdPolicyStore({ endpoints, clusterId, ...login, ...etcdTls(store) });
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
      : { certificate: readText(certificateFile), key: readText(keyFile) };
  return { tls: { ca: readText(caFile), ...own } };
}

function clusterTarget({ kubernetes }: Configuration): Parameters<typeof clusterSource>[0]['target'] {
  const { url, kubeconfig, context } = kubernetes;
  if (url !== undefined) return { url };
  return { ...(kubeconfig === undefined ? {} : { kubeconfig }), ...(context === undefined ? {} : { context }) };
}

/** The APIC client that the configuration names. Throws {@link InvalidInputError} when it names none, or has no password. */
export function apicPort(configuration: Configuration, log: Logger, environment: NodeJS.ProcessEnv): ApicPort {
  const { apic } = configuration;
  if (apic === undefined) throw new InvalidInputError('apic: missing; set apic.urls to the addresses of the APICs');
  const tls: ApicTls = {
    insecure: apic.insecureSkipTlsVerify,
    ...(apic.caFile === undefined ? {} : { ca: readText(apic.caFile) }),
  };
  if (apic.insecureSkipTlsVerify) {
    log.warn({ urls: apic.urls }, 'the certificate of the APIC is not verified (apic.insecureSkipTlsVerify)');
  }
  return createApicClient({
    urls: apic.urls,
    user: apic.user,
    password: apicPassword(apic, environment),
    ...(apic.domain === undefined ? {} : { domain: apic.domain }),
    tls,
    timeoutMs: apic.timeoutSeconds * 1000,
    refreshTimeoutSeconds: apic.subscriptionSeconds,
    log,
    clock: systemClock(),
    random: Math.random,
  });
}
