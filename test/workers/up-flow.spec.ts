import assert from 'node:assert/strict';
import { GatewayError } from '#errors';
import { fieldAt, type KubernetesObject, listAt } from '#model/kubernetes';
import { DEFAULT_DRIFT } from '#model/settings';
import { type ApicPort, type ClusterEvent, type ClusterSource, NO_EVENTS, type PolicyStore } from '#ports';
import { measuresInMemory, silentLogger } from '#runtime';
import { memoryPolicyStore } from '#store';
import { podOf, policyFor } from '#support/compile-stack';
import { keptInMemory } from '#support/kept-objects';
import { ManualClock, settle } from '#support/manual-clock';
import { OWN_FABRIC } from '#support/settings';
import { WatchedCluster } from '#support/watched-cluster';
import { createGateway, gatewayQueue } from '#workers';

const SHOP_ALONE = { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } };
const podsOf = (app: string) => ({ namespaceSelector: SHOP_ALONE, podSelector: { matchLabels: { app } } });
/** Opens something more, and closes nothing. */
const POLICY: KubernetesObject = {
  apiVersion: 'policy.networking.k8s.io/v1alpha1',
  kind: 'AdminNetworkPolicy',
  metadata: { name: 'monitoring' },
  spec: {
    priority: 10,
    subject: { pods: podsOf('one') },
    ingress: [
      { action: 'Allow', from: [{ pods: podsOf('two') }], ports: [{ portNumber: { protocol: 'TCP', port: 9100 } }] },
    ],
  },
};

const SHOP = new WatchedCluster({
  nodes: [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } }],
  namespaces: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }],
  pods: ['one', 'two'].map((name) => podOf('shop', name, 1)),
  policies: [policyFor('shop', 'one', 'nobody', 80), policyFor('shop', 'two', 'one', 80)],
});

/** A gateway with its way up, between sides that the test plays. */
function startGateway() {
  const clock = new ManualClock();
  const stopping = new AbortController();
  const kept = keptInMemory(POLICY);
  const trouble: { ofStore?: GatewayError | undefined; putsTakeMs?: number } = {};
  const told: ClusterEvent[] = [];
  const events = { tell: (event: ClusterEvent) => void told.push(event) };
  const memory = memoryPolicyStore();
  const store: PolicyStore = {
    ...memory,
    nodes: () => memory.nodes(),
    put: async (policy) => {
      if (trouble.putsTakeMs !== undefined) await clock.sleep(trouble.putsTakeMs);
      if (trouble.ofStore !== undefined) throw trouble.ofStore;
      await memory.put(policy);
    },
  };
  const untilStopped = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  let sink: Parameters<ClusterSource['run']>[0] | undefined;
  const cluster: ClusterSource = {
    run: (given, signal) => {
      sink = given;
      return untilStopped(signal);
    },
  };
  const apic: ApicPort = {
    post: () => Promise.resolve(),
    watch: (_, given, signal) => {
      given.replaced([]);
      return untilStopped(signal);
    },
    list: () => Promise.resolve([]),
    changesOf: () => Promise.resolve([]),
    requests: () => ({ logins: 0, reads: 0, writes: 0, refreshes: 0 }),
    close: () => Promise.resolve(),
  };
  const log = silentLogger;
  const inventory = { groups: [], ipConflicts: false };
  const gateway = createGateway({
    settings: OWN_FABRIC,
    foreignEpgs: [],
    mergeAfterMs: 0,
    restForMs: 0,
    drift: DEFAULT_DRIFT,
    events: NO_EVENTS,
    cluster,
    apic,
    store,
    queue: gatewayQueue({ clock, random: () => 0, log }),
    clock,
    log,
    up: { inventory, events, measures: measuresInMemory(), writer: kept.writer },
  });
  const done = gateway.run(stopping.signal);
  return {
    clock,
    trouble,
    told,
    state: gateway.state,
    sink: () => sink ?? assert.fail('nobody watches the cluster'),
    said: () =>
      listAt(kept.objects.get('AdminNetworkPolicy/monitoring'), 'status', 'conditions').map((condition) =>
        fieldAt(condition, 'status'),
      ),
    stop: async () => {
      stopping.abort(new Error('the test is over'));
      await done;
    },
  };
}

/** A policy with a port of which nothing can be made. */
const invalid = {
  ...policyFor('shop', 'two', 'one', 80),
  metadata: { name: 'invalid', namespace: 'shop' },
  spec: { podSelector: {}, ingress: [{ ports: [{ port: 99_999 }] }] },
};

describe('way up: what is said of a policy', () => {
  let gateway: ReturnType<typeof startGateway>;

  beforeEach(async () => {
    gateway = startGateway();
    await settle();
    SHOP.list(gateway.sink());
    await gateway.clock.advance(30_000);
    assert.ok(gateway.state.readiness().converged, gateway.state.readiness().waitingFor.join());
  });

  afterEach(async () => {
    delete gateway.trouble.putsTakeMs;
    await gateway.clock.advance(1000);
    await gateway.stop();
  });

  it('is nothing before it was compiled, while changes wait for what Kubernetes has still to tell again', async () => {
    for (const resource of ['pods', 'namespaces'] as const) gateway.sink().interrupted(resource);
    gateway.sink().changed('adminnetworkpolicies', POLICY);
    await gateway.clock.advance(40_000);
    assert.match(gateway.state.readiness().waitingFor.join(), /Kubernetes to tell again/);
    assert.deepEqual(gateway.said(), []);
    for (const resource of ['pods', 'namespaces'] as const) gateway.sink().resumed(resource);
    await gateway.clock.advance(30_000);
    assert.deepEqual(gateway.said(), ['True']);
  });

  it('is nothing before the hosts were told, while the policy store is away', async () => {
    gateway.trouble.ofStore = new GatewayError('STORE_UNREACHABLE', 'no answer', { disposition: 'retry' });
    gateway.sink().changed('adminnetworkpolicies', POLICY);
    await gateway.clock.advance(120_000);
    assert.match(gateway.state.readiness().waitingFor.join(), /the policy store/);
    assert.deepEqual(gateway.said(), []);
    gateway.trouble.ofStore = undefined;
    await gateway.clock.advance(120_000);
    assert.deepEqual(gateway.said(), ['True']);
  });

  /** Pods come, one every second. */
  const busy = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      gateway.sink().changed('pods', podOf('shop', 'one', second + 2));
      await gateway.clock.advance(1000);
    }
    for (let second = 0; second < seconds; second += 1)
      gateway.sink().removed('pods', podOf('shop', 'one', second + 2));
  };

  it('is said where the hosts never all know the newest at the same moment', async () => {
    for (let node = 2; node <= 30; node += 1) {
      gateway.sink().changed('nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: `n${node}` } });
    }
    gateway.trouble.putsTakeMs = 400;
    gateway.sink().changed('adminnetworkpolicies', POLICY);
    await busy(100);
    assert.match(gateway.state.readiness().waitingFor.join(), /the policy store|the compilation/);
    assert.deepEqual(gateway.said(), ['True']);
  });

  it('is made up for soon in a cluster in which something changes every second', async () => {
    gateway.trouble.ofStore = new GatewayError('STORE_UNREACHABLE', 'no answer', { disposition: 'retry' });
    gateway.sink().changed('adminnetworkpolicies', POLICY);
    await busy(130);
    assert.deepEqual(gateway.said(), []);
    gateway.trouble.ofStore = undefined;
    await busy(20);
    assert.deepEqual(gateway.said(), ['True']);
  });

  it('is told on one that is deleted and made anew, as wrong as before', async () => {
    const told = (): number => gateway.told.filter(({ object }) => object === 'NetworkPolicy/shop/invalid').length;
    gateway.sink().changed('networkpolicies', invalid);
    await gateway.clock.advance(120_000);
    assert.equal(told(), 1);
    gateway.sink().removed('networkpolicies', invalid);
    gateway.sink().changed('networkpolicies', invalid);
    await gateway.clock.advance(120_000);
    assert.equal(told(), 2);
  });
});
