import assert from 'node:assert/strict';
import { GatewayError } from '#errors';
import type { NodePolicy } from '#model/node';
import { DEFAULT_DRIFT } from '#model/settings';
import { type ApicPort, type ClusterSource, type Logger, NO_EVENTS, type PolicyStore } from '#ports';
import { silentLogger } from '#runtime';
import { memoryPolicyStore } from '#store';
import { podOf, policyFor } from '#support/compile-stack';
import { ManualClock, settle } from '#support/manual-clock';
import { OWN_FABRIC } from '#support/settings';
import { WatchedCluster } from '#support/watched-cluster';
import { createGateway, gatewayQueue } from '#workers';
import { AUDIT_POLICY_MS, AUDIT_STORE_MS } from '../../workers/tasks.js';

/** So few VLANs that groups are joined where policies treat them alike. */
const FEW_VLANS = { ...OWN_FABRIC, vlanPool: { ...OWN_FABRIC.vlanPool, from: 100, to: 104 } };
const MERGE_MS = 60_000;

const namespaceOf = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

/** A gateway between sides that the test plays; it notes in which order things are written. */
function startGateway({ restForMs = 0 } = {}) {
  const clock = new ManualClock();
  const written: string[] = [];
  const logged: string[] = [];
  const log: Logger = { ...silentLogger, warn: (_fields, message) => logged.push(message) };
  const trouble: { ofStore?: GatewayError | undefined; putsHangMs?: number | undefined } = {};
  const stopping = new AbortController();
  const memory = memoryPolicyStore();
  const store: PolicyStore = {
    ...memory,
    nodes: () => (trouble.ofStore === undefined ? memory.nodes() : Promise.reject(trouble.ofStore)),
    put: async (policy: NodePolicy) => {
      if (trouble.putsHangMs !== undefined) {
        await clock.sleep(trouble.putsHangMs);
        throw new GatewayError('STORE_UNREACHABLE', 'no answer', { disposition: 'retry' });
      }
      written.push(`slice of ${policy.node}`);
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
    post: () => {
      written.push('the APIC');
      return Promise.resolve();
    },
    watch: (_, given, signal) => {
      given.replaced([]);
      return untilStopped(signal);
    },
    list: () => Promise.resolve([]),
    changesOf: () => Promise.resolve([]),
    requests: () => ({ logins: 0, reads: 0, writes: 0, refreshes: 0 }),
    close: () => Promise.resolve(),
  };
  const queue = gatewayQueue({ clock, random: () => 0, log });
  const parts = { drift: DEFAULT_DRIFT, events: NO_EVENTS, cluster, apic, store, queue, clock, log };
  const gateway = createGateway({
    settings: FEW_VLANS,
    foreignEpgs: [],
    mergeAfterMs: MERGE_MS,
    restForMs,
    ...parts,
  });
  const done = gateway.run(stopping.signal);
  return {
    clock,
    written,
    logged,
    trouble,
    memory,
    state: gateway.state,
    sink: () => sink ?? assert.fail('nobody watches the cluster'),
    stop: async () => {
      stopping.abort(new Error('the test is over'));
      await done;
    },
  };
}

const PAIR = new WatchedCluster({
  nodes: [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } }],
  pods: ['one', 'two', 'three', 'four'].map((name) => podOf('shop', name, 1)),
  policies: [policyFor('shop', 'one', 'three', 80), policyFor('shop', 'two', 'three', 81)],
});

describe('tasks of the gateway', () => {
  let gateway: ReturnType<typeof startGateway>;

  beforeEach(async () => {
    gateway = startGateway();
    await settle();
    PAIR.list(gateway.sink());
    await gateway.clock.advance(1000);
  });

  afterEach(async () => gateway.stop());

  it('brings a change to the APIC before any slice of it is made', async () => {
    assert.ok(gateway.state.status().converged, gateway.state.status().waitingFor.join());
    gateway.written.length = 0;
    gateway.sink().changed('networkpolicies', policyFor('shop', 'one', 'three', 8080));
    await gateway.clock.advance(1000);
    assert.equal(gateway.written[0], 'the APIC');
    assert.ok(gateway.written.includes('slice of n1'));
    assert.ok(gateway.state.status().converged, gateway.state.status().waitingFor.join());
  });

  it('asks the APIC for nothing when a pod comes that is like others, and writes the slices', async () => {
    gateway.written.length = 0;
    gateway.sink().changed('pods', podOf('shop', 'one', 2));
    await gateway.clock.advance(100);
    assert.deepEqual(gateway.written, ['slice of n1']);
    assert.ok(gateway.state.status().converged, gateway.state.status().waitingFor.join());
  });

  it('makes one group of two when they have been alike for long enough, with no other change', async () => {
    const groups = (): number => gateway.state.groups().filter(({ pods }) => pods.length > 0).length;
    const before = groups();
    gateway.sink().changed('networkpolicies', policyFor('shop', 'two', 'three', 80));
    await gateway.clock.advance(MERGE_MS - 1000);
    assert.equal(groups(), before);
    gateway.written.length = 0;
    await gateway.clock.advance(2000);
    assert.equal(groups(), before - 1);
    assert.ok(gateway.written.includes('the APIC'));
  });

  it('compares what it keeps with a whole compilation now and then', async () => {
    assert.deepEqual(gateway.state.status().audits, { done: 0, differences: 0 });
    await gateway.clock.advance(AUDIT_POLICY_MS);
    assert.deepEqual(gateway.state.status().audits, { done: 1, differences: 0 });
  });

  it('brings changes to the APIC while a policy store does not answer', async () => {
    const nodes = Array.from({ length: 20 }, (_, index) => `n${index + 1}`);
    for (const name of nodes) gateway.sink().changed('nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name } });
    await gateway.clock.advance(1000);
    assert.ok(gateway.state.status().converged, gateway.state.status().waitingFor.join());
    gateway.trouble.putsHangMs = 20_000;
    gateway.sink().changed('pods', podOf('shop', 'one', 2));
    await gateway.clock.advance(1000);
    gateway.written.length = 0;
    gateway.sink().changed('networkpolicies', policyFor('shop', 'one', 'three', 8080));
    await gateway.clock.advance(1000);
    assert.ok(gateway.written.includes('the APIC'));
    gateway.trouble.putsHangMs = undefined;
    await gateway.clock.advance(120_000);
    assert.ok(gateway.state.status().converged, gateway.state.status().waitingFor.join());
  });

  it('looks at the store again at the next time, also after an error that sets other work aside', async () => {
    gateway.trouble.ofStore = new GatewayError('STORE_REFUSED', 'the store takes no such user', {
      disposition: 'park',
    });
    await gateway.clock.advance(3 * AUDIT_STORE_MS);
    assert.deepEqual(gateway.logged, ['work failed and will be tried again at its next time']);
    await gateway.memory.remove('n1');
    gateway.trouble.ofStore = undefined;
    gateway.written.length = 0;
    await gateway.clock.advance(AUDIT_STORE_MS);
    assert.deepEqual(gateway.written, ['slice of n1']);
  });

  it('compares later while groups wait to become one', async () => {
    await gateway.clock.advance(AUDIT_POLICY_MS - 2500);
    gateway.sink().changed('networkpolicies', policyFor('shop', 'two', 'three', 80));
    await gateway.clock.advance(3000);
    assert.equal(gateway.state.status().audits.done, 0);
    await gateway.clock.advance(MERGE_MS);
    assert.deepEqual(gateway.state.status().audits, { done: 1, differences: 0 });
  });
});

describe('tasks of a gateway where some groups always wait to become one', () => {
  it('compare the whole plan no more often than elsewhere', async () => {
    const gateway = startGateway();
    try {
      await settle();
      PAIR.list(gateway.sink());
      await gateway.clock.advance(1000);
      for (let turn = 0; turn < 90; turn += 1) {
        const [alike, other] = turn % 2 === 0 ? ['two', 'four'] : ['four', 'two'];
        gateway.sink().changed('networkpolicies', policyFor('shop', alike, 'three', 80));
        await gateway.clock.advance(10_000);
        gateway.sink().changed('networkpolicies', policyFor('shop', other, 'three', 1000 + turn));
        await gateway.clock.advance(10_000);
      }
      const { audits, planAudits } = gateway.state.status();
      assert.equal(audits.done, 0, 'some always wait');
      assert.ok(planAudits.done >= 4 && planAudits.done <= 6, `${planAudits.done} in half an hour`);
    } finally {
      await gateway.stop();
    }
  });
});

describe('tasks of a gateway whose VLANs rest', () => {
  const HOUR_MS = 3_600_000;

  it('give a VLAN that has rested to a namespace that waits for one, with no other change', async () => {
    const gateway = startGateway({ restForMs: HOUR_MS });
    try {
      await settle();
      const names = ['a', 'b', 'c', 'd', 'e'];
      new WatchedCluster({ namespaces: names.map(namespaceOf) }).list(gateway.sink());
      await gateway.clock.advance(100);
      const encapOf = (name: string) => gateway.state.groups().find(({ group }) => group === name)?.encap;
      const freed = encapOf('c');
      for (const name of ['c', 'd']) gateway.sink().removed('namespaces', namespaceOf(name));
      gateway.sink().changed('namespaces', namespaceOf('late'));
      await gateway.clock.advance(HOUR_MS - 1000);
      assert.notEqual(encapOf('late'), freed, 'until then it is one with another group');
      gateway.written.length = 0;
      await gateway.clock.advance(2000);
      assert.equal(encapOf('late'), freed);
      assert.ok(gateway.written.includes('the APIC'));
    } finally {
      await gateway.stop();
    }
  });
});
