import assert from 'node:assert/strict';
import type { NodeConnections, NodeOpenness, NodePolicy } from '#model/node';
import type { NodePolicySink, PolicyStore } from '#ports';
import { eventually } from '#support/eventually';

const UDP_53: NodeConnections = { tcp: [], udp: [[53, 53]], sctp: [] };
const NO_TCP: NodeConnections = { tcp: [], udp: [[1, 65_535]], sctp: [[1, 65_535]], other: true };
const DNS_FROM_PODS: NodeOpenness = {
  pods: { ipv4: UDP_53, ipv6: 'nothing' },
  outside: { ipv4: 'everything', ipv6: NO_TCP },
};

/** A small policy of the node; the revision tells one from another. */
export const policyOf = (node: string, revision: string): NodePolicy => ({
  schema: 3,
  node,
  revision,
  gateway: { addresses: ['10.0.0.1', 'fd00::1'], mac: '02:00:00:00:00:fe' },
  nodeAddresses: ['192.0.2.1'],
  groups: [
    { name: 'web', kind: 'pods', egress: 'everything', ingress: DNS_FROM_PODS },
    { name: 'batch', kind: 'pods', egress: 'nothing', ingress: 'nothing' },
    { name: 'lan', kind: 'external' },
  ],
  addresses: [{ prefix: '10.0.0.0/8', group: 'lan' }],
  endpoints: [{ pod: 'ns/web-1', ips: ['10.0.0.2'], group: 'web', vlan: 101 }],
  permits: [
    { source: 'web', destination: 'lan', families: [4], connections: 'everything' },
    { source: 'web', destination: 'lan', families: [6], connections: 'nothing' },
    { source: 'lan', destination: 'web', families: [4, 6], connections: { tcp: [[80, 81]], udp: [], sctp: [] } },
  ],
});

/** A sink that keeps what it was told. */
export class RecordingSink implements NodePolicySink {
  readonly policies: (NodePolicy | undefined)[] = [];
  readonly troubles: (string | undefined)[] = [];

  policy(policy: NodePolicy | undefined): void {
    this.policies.push(policy);
  }

  trouble(reason: string | undefined): void {
    this.troubles.push(reason);
  }

  get revisions(): readonly (string | undefined)[] {
    return this.policies.map((policy) => policy?.revision);
  }
}

/** What every policy store does. `open` gives a store that nothing was put into yet. */
export function policyStoreContract(title: string, open: () => Promise<PolicyStore>): void {
  describe(title, () => {
    let store: PolicyStore;
    let stop: AbortController;
    let watches: Promise<void>[];

    beforeEach(async () => {
      store = await open();
      stop = new AbortController();
      watches = [];
    });
    afterEach(async () => {
      stop.abort();
      await Promise.all(watches);
      await store.close();
    });

    const follow = (node: string): RecordingSink => {
      const sink = new RecordingSink();
      watches.push(store.watch(node, sink, stop.signal));
      return sink;
    };

    it('gives what was put, equal in every member', async () => {
      await store.put(policyOf('n1', 'r1'));
      assert.deepEqual(await store.get('n1'), policyOf('n1', 'r1'));
    });

    it('gives the latest of several, for each node its own', async () => {
      await store.put(policyOf('n1', 'r1'));
      await store.put(policyOf('n2', 'r2'));
      await store.put(policyOf('n1', 'r3'));
      assert.equal((await store.get('n1'))?.revision, 'r3');
      assert.equal((await store.get('n2'))?.revision, 'r2');
    });

    it('has nothing for a node that nothing was put for, and lets it be removed', async () => {
      assert.equal(await store.get('n1'), undefined);
      await store.remove('n1');
      assert.deepEqual(await store.nodes(), []);
    });

    it('lists the nodes that have a policy, sorted', async () => {
      for (const node of ['n2', 'n10', 'n1']) await store.put(policyOf(node, 'r'));
      await store.remove('n2');
      assert.deepEqual(await store.nodes(), ['n1', 'n10']);
    });

    it('tells a watcher the current policy once, then each change, in order', async () => {
      await store.put(policyOf('n1', 'r1'));
      const sink = follow('n1');
      await eventually(() => assert.deepEqual(sink.revisions, ['r1']));
      await store.put(policyOf('n1', 'r2'));
      await store.put(policyOf('n1', 'r3'));
      await store.remove('n1');
      await store.put(policyOf('n1', 'r4'));
      await eventually(() => assert.deepEqual(sink.revisions, ['r1', 'r2', 'r3', undefined, 'r4']));
      assert.deepEqual(sink.policies.at(-1), policyOf('n1', 'r4'));
    });

    it('tells a watcher that there is nothing yet', async () => {
      const sink = follow('n1');
      await eventually(() => assert.deepEqual(sink.policies, [undefined]));
      await store.put(policyOf('n1', 'r1'));
      await eventually(() => assert.deepEqual(sink.revisions, [undefined, 'r1']));
    });

    it('tells every watcher of its own node only', async () => {
      const sinks = [follow('n1'), follow('n1'), follow('n11')] as const;
      await eventually(() => assert.ok(sinks.every(({ policies }) => policies.length === 1)));
      await store.put(policyOf('n1', 'r1'));
      await eventually(() => {
        assert.deepEqual(sinks[0].revisions, [undefined, 'r1']);
        assert.deepEqual(sinks[1].revisions, [undefined, 'r1']);
      });
      assert.deepEqual(sinks[2].revisions, [undefined]);
    });

    it('tells nothing after the watch was aborted, which ends it', async () => {
      const sink = follow('n1');
      await eventually(() => assert.equal(sink.policies.length, 1));
      stop.abort();
      await Promise.all(watches);
      await store.put(policyOf('n1', 'r1'));
      assert.deepEqual(sink.policies, [undefined]);
    });

    it('ends a watch at once whose signal was aborted before', async () => {
      stop.abort();
      follow('n1');
      await Promise.all(watches);
    });

    it('hands out copies: a reader cannot change what is stored', async () => {
      const policy = { ...policyOf('n1', 'r1'), nodeAddresses: ['192.0.2.1'] };
      await store.put(policy);
      policy.nodeAddresses.push('192.0.2.2');
      assert.deepEqual((await store.get('n1'))?.nodeAddresses, ['192.0.2.1']);
    });
  });
}
