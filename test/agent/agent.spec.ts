import assert from 'node:assert/strict';
import { type RunningAgent, runAgent } from '#agent';
import { compileFlows } from '#datapath';
import { GatewayError } from '#errors';
import type { BridgeState, NodePolicy } from '#model/node';
import type { Bridge, PolicyStore } from '#ports';
import { memoryPolicyStore } from '#store';
import { eventually } from '#support/eventually';
import { ManualClock } from '#support/manual-clock';

const POLICY: NodePolicy = {
  schema: 3,
  node: 'n1',
  revision: 'r1',
  gateway: { addresses: ['10.64.0.1'], mac: '02:00:00:00:00:fe' },
  nodeAddresses: [],
  groups: [{ name: 'web', kind: 'pods', egress: 'nothing', ingress: 'nothing' }],
  addresses: [{ prefix: '10.64.0.11/32', group: 'web' }],
  endpoints: [{ pod: 'ns/web-1', ips: ['10.64.0.11'], group: 'web', vlan: 101 }],
  permits: [],
};
const WITH_PERMIT: NodePolicy = {
  ...POLICY,
  revision: 'r2',
  permits: [{ source: 'web', destination: 'web', families: [4], connections: 'everything' }],
};

/** A bridge that remembers what it was told, and fails when asked to. */
class FakeBridge implements Bridge {
  readonly loads: (readonly string[])[] = [];
  failure: Error | undefined;
  current: BridgeState = {
    uplink: 1,
    hostMac: undefined,
    endpoints: [
      { pod: 'ns/web-1', port: 11, mac: '02:00:00:00:00:11' },
      { pod: 'ns/new-1', port: 12, mac: '02:00:00:00:00:12' },
    ],
  };
  changed: () => void = () => undefined;

  unreachable: Error | undefined;

  async state(): Promise<BridgeState> {
    if (this.unreachable !== undefined) throw this.unreachable;
    return this.current;
  }

  async watch(changed: () => void, signal: AbortSignal): Promise<void> {
    this.changed = changed;
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve, { once: true });
    });
  }

  async replaceFlows(flows: readonly string[]): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    this.loads.push(flows);
  }
}

describe('agent', () => {
  let store: PolicyStore;
  let bridge: FakeBridge;
  let clock: ManualClock;
  let stop: AbortController;
  let agent: RunningAgent;
  let warnings: string[];

  beforeEach(() => {
    store = memoryPolicyStore();
    bridge = new FakeBridge();
    clock = new ManualClock();
    stop = new AbortController();
    warnings = [];
  });
  afterEach(async () => {
    stop.abort();
    await agent.stopped;
  });

  const start = (): void => {
    const log = { info: () => undefined, warn: (_: unknown, message: string) => void warnings.push(message) };
    agent = runAgent({ node: 'n1', store, bridge, clock, log, signal: stop.signal });
  };
  const applied = (revision: string) => eventually(() => assert.equal(agent.status().appliedRevision, revision));
  /** The agent has done what there was to do and waits for the next event or for a time. */
  const idle = () => eventually(() => assert.equal(clock.sleeping.length, 1));

  it('touches nothing before it knows a policy, and says which pods wait', async () => {
    start();
    await idle();
    assert.deepEqual(bridge.loads, []);
    assert.deepEqual(agent.status().unknown, ['ns/new-1', 'ns/web-1']);
    assert.equal(agent.status().appliedRevision, undefined);
  });

  it('says no more that the switch is away once it is back, also before it knows a policy', async () => {
    bridge.unreachable = new GatewayError('OVS_UNREACHABLE', 'no switch', { disposition: 'retry' });
    start();
    await eventually(() => assert.equal(agent.status().lastError, 'no switch'));
    bridge.unreachable = undefined;
    await clock.advance(10_000);
    await eventually(() => assert.equal(agent.status().lastError, undefined));
    bridge.unreachable = new GatewayError('OVS_UNREACHABLE', 'no switch', { disposition: 'retry' });
    bridge.changed();
    await eventually(() => assert.equal(warnings.filter((text) => text.startsWith('the bridge')).length, 2));
  });

  it('loads the flows of the policy and the pods', async () => {
    await store.put(POLICY);
    start();
    await applied('r1');
    assert.deepEqual(bridge.loads, [compileFlows(POLICY, bridge.current)]);
    const status = agent.status();
    assert.deepEqual([status.enforced, status.unknown], [['ns/web-1'], ['ns/new-1']]);
    assert.equal(status.flows, bridge.loads[0]?.length);
    assert.equal(status.lastError, undefined);
  });

  it('loads when the policy changed, and not when only its revision did', async () => {
    await store.put(POLICY);
    start();
    await applied('r1');
    await store.put({ ...POLICY, revision: 'r1b' });
    await applied('r1b');
    assert.equal(bridge.loads.length, 1);
    await store.put(WITH_PERMIT);
    await applied('r2');
    assert.equal(bridge.loads.length, 2);
    assert.deepEqual(bridge.loads[1], compileFlows(WITH_PERMIT, bridge.current));
  });

  it('loads again after a change of the bridge though the flows are equal: the switch may have lost them', async () => {
    await store.put(POLICY);
    start();
    await applied('r1');
    bridge.changed();
    await eventually(() => assert.equal(bridge.loads.length, 2));
    assert.deepEqual(bridge.loads[1], bridge.loads[0]);
  });

  it('takes a pod in when it is plugged in', async () => {
    await store.put(POLICY);
    const { endpoints } = bridge.current;
    bridge.current = { ...bridge.current, endpoints: [] };
    start();
    await applied('r1');
    assert.deepEqual(agent.status().enforced, []);
    bridge.current = { ...bridge.current, endpoints };
    bridge.changed();
    await eventually(() => assert.deepEqual(agent.status().enforced, ['ns/web-1']));
    assert.ok(bridge.loads.at(-1)?.some((flow) => flow.includes('in_port=11')));
  });

  it('keeps the flows when the policy is removed', async () => {
    await store.put(POLICY);
    start();
    await applied('r1');
    await store.remove('n1');
    await eventually(() => assert.equal(agent.status().storeRevision, undefined));
    await idle();
    assert.equal(bridge.loads.length, 1);
    assert.equal(warnings.length, 1);
  });

  it('tries again with growing pauses when the switch fails, and says why', async () => {
    await store.put(POLICY);
    bridge.failure = new GatewayError('OVS_REFUSED', 'no switch', { disposition: 'retry' });
    start();
    for (const pause of [200, 400, 800]) {
      await eventually(() => assert.deepEqual(clock.sleeping, [pause]));
      assert.equal(agent.status().lastError, 'no switch');
      await clock.advance(pause);
    }
    await eventually(() => assert.deepEqual(clock.sleeping, [1600]));
    bridge.failure = undefined;
    await clock.advance(1600);
    await applied('r1');
    assert.equal(agent.status().lastError, undefined);
    assert.equal(warnings.length, 1, 'one line for one reason');
  });

  it('waits for a change where only a change can help', async () => {
    await store.put(POLICY);
    start();
    await applied('r1');
    bridge.failure = new GatewayError('INVALID_INPUT', 'bad flow', { disposition: 'park' });
    await store.put({ ...WITH_PERMIT, revision: 'bad' });
    await eventually(() => assert.equal(agent.status().lastError, 'bad flow'));
    await idle();
    assert.ok((clock.sleeping[0] ?? 0) > 10_000, 'no retry');
    assert.equal(agent.status().appliedRevision, 'r1');
    bridge.failure = undefined;
    await store.put(WITH_PERMIT);
    await applied('r2');
  });

  it('asserts the flows now and then, as someone else may have touched them', async () => {
    await store.put(POLICY);
    start();
    await applied('r1');
    await idle();
    // Also when the clock is put back.
    clock.set(-3_600_000);
    await clock.advance(30_000);
    await eventually(() => assert.equal(bridge.loads.length, 2));
  });

  it('stops without touching the bridge', async () => {
    await store.put(POLICY);
    start();
    await applied('r1');
    stop.abort();
    await agent.stopped;
    await store.put(WITH_PERMIT);
    assert.equal(bridge.loads.length, 1);
  });
});
