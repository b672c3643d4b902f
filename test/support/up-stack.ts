import { createApicClient } from '#apic';
import { type ApicMock, startApicMock } from '#apic-mock';
import { fabricPolicyRules, fabricSettings, foreignEpgs, inventorySettings, parseConfiguration } from '#config';
import { type KubeMock, startKubeMock } from '#kube-mock';
import { type ClosableClusterEvents, clusterSource, clusterWriter, eventWriter } from '#kubernetes';
import { type KubernetesObject, textAt } from '#model/kubernetes';
import { DEFAULT_DRIFT } from '#model/settings';
import type { GatewayState, Logger, Measures, PolicyStore, SyncState } from '#ports';
import { measuresInMemory, silentLogger, systemClock } from '#runtime';
import { memoryPolicyStore } from '#store';
import { createGateway, gatewayQueue, type UpFlowOptions } from '#workers';
import { crd } from './crds.js';
import { APIC_USER } from './gateway-stack.js';
import { type RefusingProxy, startRefusingProxy } from './refusing-proxy.js';

/** Times that let a test see in moments what otherwise takes minutes. */
const QUICK: NonNullable<UpFlowOptions['timing']> = {
  collectMs: 20,
  lookMs: 50,
  busyLookMs: 100,
  tellAfterMs: 60,
  conflictSettleMs: 400,
  staleMs: 300,
  auditMs: 1000,
  refusedAgainMs: 100,
  failedAgainMs: 100,
  inventoryWaitMs: 1000,
  addressesWaitMs: 2000,
  addressesCollectMs: 20,
  forgetAddressMs: 1500,
};

/** A gateway with real adapters between a kube-mock and an apic-mock in the test's process, quick on the way up. */
export interface UpStack {
  readonly kube: KubeMock;
  readonly apic: ApicMock;
  /** Between the gateway's writes to Kubernetes and kube-mock. */
  readonly proxy: RefusingProxy;
  state(): GatewayState;
  sync(): SyncState;
  measures(): Measures;
  /** Where the nodes' policies are; it outlives a restart. */
  readonly store: PolicyStore;
  /** What the gateway warned of, one line each. */
  readonly warnings: readonly string[];
  /** Warning events of a reason, by the object that they are about: `Kind/name: message`. */
  events(reason: string): readonly string[];
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** How a stack starts. */
export interface UpStackOptions {
  /** Further configuration, as YAML. */
  readonly configuration?: string;
  /** CustomResourceDefinitions of the project that the cluster has, by plural; all by default. */
  readonly definitions?: readonly string[];
}

/** Starts a stack; everything listens on free ports of the loopback address. */
export async function startUpStack({ configuration = '', definitions }: UpStackOptions = {}): Promise<UpStack> {
  const kube = await startKubeMock();
  kube.apply((definitions ?? ['fabricgroups', 'fabricpolicies']).map(crd));
  const apic = await startApicMock({ tls: { mode: 'none' }, users: [APIC_USER] });
  const proxy = await startRefusingProxy(kube.url);
  const store = memoryPolicyStore();
  const warnings: string[] = [];
  const warn: Logger['warn'] = (fields, message) => void warnings.push(`${message}: ${String(fields['reason'])}`);
  const log = { ...silentLogger, warn };
  const start = (): Running => run({ kube, apic, proxy, store, configuration, log });
  let running = start();
  return {
    kube,
    apic,
    proxy,
    state: () => running.state,
    sync: () => running.sync,
    measures: () => running.measures,
    store,
    warnings,
    events: (reason) =>
      kube
        .objects('events')
        .filter((event) => event['reason'] === reason)
        .map(lineOf),
    restart: async () => {
      await running.stop();
      running = start();
    },
    stop: async () => {
      await running.stop();
      await store.close();
      await proxy.stop();
      await apic.stop();
      await kube.stop();
    },
  };
}

interface Running {
  readonly state: GatewayState;
  readonly sync: SyncState;
  readonly measures: Measures;
  stop(): Promise<void>;
}

interface RunParts {
  readonly kube: KubeMock;
  readonly apic: ApicMock;
  readonly proxy: RefusingProxy;
  readonly store: PolicyStore;
  readonly configuration: string;
  readonly log: Logger;
}

function run({ kube, apic, proxy, store, configuration: text, log }: RunParts): Running {
  const configuration = parseConfiguration('test', `clusterId: test\napic: { urls: ['${apic.url}'] }\n${text}`);
  const rules = fabricPolicyRules(configuration);
  const clock = systemClock();
  const random = Math.random;
  const stopping = new AbortController();
  const events: ClosableClusterEvents = eventWriter({
    target: { url: proxy.url },
    clock,
    log,
    rates: { repeatMs: 100, burst: 1000 },
  });
  const writer = clusterWriter({ url: proxy.url });
  const measures = measuresInMemory();
  const gateway = createGateway({
    settings: fabricSettings(configuration),
    foreignEpgs: foreignEpgs(configuration),
    fabricPolicyRules: rules,
    mergeAfterMs: 0,
    restForMs: 0,
    drift: DEFAULT_DRIFT,
    events,
    cluster: clusterSource({ target: { url: kube.url }, log, clock, random, fabricPolicies: rules !== undefined }),
    apic: createApicClient({
      urls: [apic.url],
      user: APIC_USER.name,
      password: APIC_USER.password,
      timeoutMs: 5000,
      refreshTimeoutSeconds: 60,
      log,
      clock,
      random,
    }),
    // A stopped gateway closes its store; this one is kept for the next.
    store: { ...pick(store), close: () => Promise.resolve() },
    queue: gatewayQueue({ clock, random, log }),
    clock,
    log,
    up: { inventory: inventorySettings(configuration), events, measures, writer, timing: QUICK },
  });
  const done = gateway.run(stopping.signal);
  return {
    state: gateway.state,
    sync: gateway.sync,
    measures,
    stop: async () => {
      stopping.abort(new Error('the test is over'));
      await done;
      await events.close();
      writer.close();
    },
  };
}

const pick = (store: PolicyStore): Omit<PolicyStore, 'close'> => ({
  put: (policy) => store.put(policy),
  remove: (node) => store.remove(node),
  get: (node) => store.get(node),
  nodes: () => store.nodes(),
  watch: (node, sink, signal) => store.watch(node, sink, signal),
});

const lineOf = (event: KubernetesObject): string => {
  const about = event['involvedObject'] as { readonly kind: string; readonly name: string };
  return `${about.kind}/${about.name}: ${String(event['message'])}`;
};

/** Address of a pod of the stack; empty before it has one. */
export const addressOf = (stack: UpStack, name: string): string =>
  textAt(
    stack.kube.objects('pods').find(({ metadata }) => metadata.name === name),
    'status',
    'podIP',
  ) ?? '';

/** Dn of the EPG of a pod in the namespace `shop`; empty for one that is in none. */
export const epgOf = (stack: UpStack, name: string): string =>
  stack
    .state()
    .groups()
    .find(({ pods }) => pods.includes(`shop/${name}`))?.epg ?? '';

/** Puts an EPG of an admin's into the tenant of the stack, as part of the application profile `legacy`. */
export const loadLegacyEpg = (stack: UpStack, name: string): void =>
  stack.apic.load({
    fvTenant: {
      attributes: { name: 'k8s-test' },
      children: [
        {
          fvAp: {
            attributes: { name: 'legacy' },
            children: [
              { fvAEPg: { attributes: { name }, children: [{ fvRsBd: { attributes: { tnFvBDName: 'pods' } } }] } },
            ],
          },
        },
      ],
    },
  });
