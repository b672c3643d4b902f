import assert from 'node:assert/strict';
import { DEFAULT_DRIFT } from '#model/settings';
import type { ApicPort, ClusterEvent, ClusterSource, FabricSink } from '#ports';
import { silentLogger } from '#runtime';
import { memoryPolicyStore } from '#store';
import { podOf, policyFor } from '#support/compile-stack';
import { ManualClock, settle } from '#support/manual-clock';
import { OWN_FABRIC } from '#support/settings';
import { WatchedCluster } from '#support/watched-cluster';
import { createGateway, inProcessQueue } from '#workers';

const EPG = 'uni/tn-k8s/ap-k8s-test/epg-shop';

/** A gateway between sides that the test plays; it counts POSTs and keeps Events. */
function startGateway() {
  const clock = new ManualClock();
  const events: ClusterEvent[] = [];
  const stopping = new AbortController();
  const sides: { cluster?: Parameters<ClusterSource['run']>[0]; fabric?: FabricSink } = {};
  const counts = { posts: 0 };
  const untilStopped = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  const cluster: ClusterSource = {
    run: (given, signal) => {
      sides.cluster = given;
      return untilStopped(signal);
    },
  };
  const apic: ApicPort = {
    post: () => {
      counts.posts += 1;
      return Promise.resolve();
    },
    watch: (_, given, signal) => {
      sides.fabric = given;
      given.replaced([]);
      return untilStopped(signal);
    },
    list: () => Promise.resolve([]),
    changesOf: () => Promise.reject(new Error('no audit log')),
    requests: () => ({ logins: 0, reads: 0, writes: 0, refreshes: 0 }),
    close: () => Promise.resolve(),
  };
  const queue = inProcessQueue({ concurrency: 4, clock, random: () => 0, log: silentLogger });
  const gateway = createGateway({
    settings: OWN_FABRIC,
    drift: DEFAULT_DRIFT,
    foreignEpgs: [],
    mergeAfterMs: 0,
    restForMs: 0,
    cluster,
    events: { tell: (event) => void events.push(event) },
    apic,
    store: memoryPolicyStore(),
    queue,
    clock,
    log: silentLogger,
  });
  const done = gateway.run(stopping.signal);
  const stop = async (): Promise<void> => {
    stopping.abort(new Error('the test is over'));
    await done;
  };
  return { clock, events, sides, counts, state: gateway.state, stop };
}

describe('tasks of the gateway: drift', () => {
  let gateway: ReturnType<typeof startGateway>;
  const edit = async (): Promise<void> => {
    gateway.sides.fabric?.changed({
      kind: 'modified',
      className: 'fvAEPg',
      dn: EPG,
      attributes: { pcEnfPref: 'enforced' },
    });
    await gateway.clock.advance(1000);
  };

  beforeEach(async () => {
    gateway = startGateway();
    await settle();
    const cluster = new WatchedCluster({
      pods: [podOf('shop', 'one', 1)],
      policies: [policyFor('shop', 'a', 'b', 80)],
    });
    cluster.list(gateway.sides.cluster ?? assert.fail('nobody watches the cluster'));
    await gateway.clock.advance(1000);
    assert.ok(gateway.state.status().converged, gateway.state.status().waitingFor.join());
    gateway.counts.posts = 0;
  });

  afterEach(async () => gateway.stop());

  it('repairs, tells though the audit log does not answer, and comes back by itself when a pause is over', async () => {
    for (let turn = 0; turn < 3; turn += 1) await edit();
    assert.equal(gateway.counts.posts, 3);
    assert.deepEqual(
      gateway.events.map(({ object, reason }) => [object, reason]),
      Array.from({ length: 3 }, () => ['Namespace/shop', 'DriftRepaired']),
    );
    await edit();
    assert.equal(gateway.counts.posts, 3);
    assert.equal(gateway.events.at(-1)?.reason, 'DriftFight');
    assert.ok(gateway.state.status().converged);
    assert.ok(gateway.state.findings().some(({ code }) => code === 'DRIFT_FIGHT'));
    await gateway.clock.advance(60_000);
    assert.equal(gateway.counts.posts, 4);
    assert.ok(gateway.state.findings().every(({ code }) => code !== 'DRIFT_FIGHT'));
  });
});
