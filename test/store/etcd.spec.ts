import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { Etcd3 } from 'etcd3';
import { GatewayError, InvalidInputError } from '#errors';
import type { PolicyStore } from '#ports';
import { silentLogger } from '#runtime';
import { etcdPolicyStore, StoreUnreachableError } from '#store';
import { desiredStateOf } from '#support/desired-state';
import { ETCD, type EtcdServer, startEtcd } from '#support/etcd-server';
import { eventually } from '#support/eventually';
import { describeWith } from '#support/requirement';
import { TcpGate } from '#support/tcp-gate';
import { unwatchedMoves } from '#support/unwatched-moves';
import { PublishWorker } from '../../workers/publish-worker.js';
import { policyOf, policyStoreContract, RecordingSink } from './policy-store-contract.js';

describeWith([ETCD], 'store: etcd', () => {
  let server: EtcdServer;
  let clusters = 0;
  const newCluster = (): string => {
    clusters += 1;
    return `c${clusters}`;
  };
  const open = (clusterId = newCluster()): PolicyStore => etcdPolicyStore({ endpoints: [server.endpoint], clusterId });

  before(async () => {
    server = await startEtcd();
  });
  after(() => server.stop());

  policyStoreContract('as every store', async () => open());

  describe('of its own', () => {
    let cluster: string;
    let store: PolicyStore;
    let raw: Etcd3;
    let stop: AbortController;
    let sink: RecordingSink;
    let watching: Promise<void>;

    beforeEach(() => {
      cluster = newCluster();
      store = open(cluster);
      raw = new Etcd3({ hosts: server.endpoint });
      stop = new AbortController();
      sink = new RecordingSink();
    });
    afterEach(async () => {
      stop.abort();
      await watching;
      await store.close();
      raw.close();
    });

    const key = (): string => `/aci-gateway/${cluster}/nodes/n1`;
    /** Puts as the controller would: again until etcd takes it. */
    const publish = (revision: string) =>
      eventually(() => store.put(policyOf('n1', revision)), { withinMs: 10_000, everyMs: 100 });
    async function follow(): Promise<void> {
      watching = store.watch('n1', sink, stop.signal);
      await eventually(() => assert.equal(sink.policies.length, 1));
    }

    it('keeps each node under the documented key, each cluster for itself', async () => {
      watching = Promise.resolve();
      await store.put(policyOf('n1', 'r1'));
      assert.deepEqual(JSON.parse((await raw.get(key()).string()) ?? ''), policyOf('n1', 'r1'));
      const other = open();
      assert.deepEqual(await other.nodes(), []);
      await other.close();
    });

    it('refuses names that would reach into the part of another', async () => {
      watching = Promise.resolve();
      assert.throws(() => open('a/b'), InvalidInputError);
      await assert.rejects(store.get('n1/../n2'), InvalidInputError);
    });

    it('loses nothing when etcd is killed and started again', async () => {
      await store.put(policyOf('n1', 'r1'));
      await follow();
      await server.kill();
      await eventually(() => assert.match(sink.troubles.at(-1) ?? '', /etcd at http:/));
      await assert.rejects(store.put(policyOf('n1', 'lost')), StoreUnreachableError);
      await server.start();
      await publish('r2');
      await eventually(() => assert.deepEqual(sink.revisions, ['r1', 'r2']), { withinMs: 10_000 });
      await eventually(() => assert.equal(sink.troubles.at(-1), undefined));
      await store.put(policyOf('n1', 'r3'));
      await eventually(() => assert.deepEqual(sink.revisions, ['r1', 'r2', 'r3']));
    }).timeout(40_000);

    it('does not let a write that comes late undo a newer one', async () => {
      watching = Promise.resolve();
      const gate = new TcpGate(server.endpoint);
      const slow = etcdPolicyStore({ endpoints: [await gate.start()], clusterId: cluster });
      try {
        for (const write of [() => slow.put(policyOf('n1', 'late')), () => slow.remove('n1')]) {
          await slow.put(policyOf('n1', 'first'));
          gate.hold();
          const late = assert.rejects(write(), StoreUnreachableError);
          await delay(500);
          gate.loseRest();
          await late;
          gate.comeBack();
          await slow.put(policyOf('n1', 'newer'));
          gate.release();
          await delay(500);
          assert.equal((await store.get('n1'))?.revision, 'newer');
        }
      } finally {
        await slow.close();
        await gate.stop();
      }
    }).timeout(40_000);

    it('gives up what somebody else has written over by the time that an answer comes', async () => {
      watching = Promise.resolve();
      const gate = new TcpGate(server.endpoint);
      const slow = etcdPolicyStore({ endpoints: [await gate.start()], clusterId: cluster });
      try {
        await slow.put(policyOf('n1', 'first'));
        gate.hold();
        // Whoever waited for it may have given it up long ago, and somebody else been asked to write.
        const late = assert.rejects(slow.put(policyOf('n1', 'late')), StoreUnreachableError);
        await delay(500);
        gate.loseRest();
        gate.comeBack();
        await store.put(policyOf('n1', 'newer'));
        await late;
        assert.equal((await store.get('n1'))?.revision, 'newer');
        await slow.put(policyOf('n1', 'newest'));
        assert.equal((await store.get('n1'))?.revision, 'newest');
      } finally {
        await slow.close();
        await gate.stop();
      }
    }).timeout(40_000);

    it('writes nothing for who must not write any more by the time that it is tried again', async () => {
      watching = Promise.resolve();
      const gate = new TcpGate(server.endpoint);
      let may = true;
      const mayWrite = (): void => {
        if (!may) throw new GatewayError('NOT_LEADING', 'does not lead', { disposition: 'retry' });
      };
      const fenced = etcdPolicyStore({ endpoints: [await gate.start()], clusterId: cluster, mayWrite });
      try {
        await fenced.put(policyOf('n1', 'first'));
        gate.hold();
        const late = assert.rejects(fenced.put(policyOf('n1', 'late')), { code: 'NOT_LEADING' });
        await delay(500);
        may = false;
        gate.loseRest();
        gate.comeBack();
        await late;
        assert.equal((await store.get('n1'))?.revision, 'first');
      } finally {
        await fenced.close();
        await gate.stop();
      }
    }).timeout(40_000);

    it('does not tell a policy again that did not change while etcd was away', async () => {
      await store.put(policyOf('n1', 'r1'));
      await follow();
      await server.kill();
      await eventually(() => assert.notEqual(sink.troubles.at(-1) ?? '', ''));
      await server.start();
      await eventually(() => assert.equal(sink.troubles.at(-1), undefined), { withinMs: 10_000 });
      assert.deepEqual(sink.revisions, ['r1']);
    }).timeout(40_000);

    it('reads again when the revision that it watched from was compacted meanwhile', async () => {
      await store.put(policyOf('n1', 'r1'));
      await follow();
      await server.kill();
      await eventually(() => assert.notEqual(sink.troubles.at(-1) ?? '', ''));
      await server.start();
      const writer = new Etcd3({ hosts: server.endpoint });
      for (const revision of ['r2', 'r3', 'r4']) {
        await writer.put(key()).value(JSON.stringify(policyOf('n1', revision)));
      }
      const { header } = await writer.get(key()).exec();
      await writer.kv.compact({ revision: header.revision, physical: true });
      writer.close();
      await eventually(() => assert.equal(sink.revisions.at(-1), 'r4'), { withinMs: 10_000 });
      await store.put(policyOf('n1', 'r5'));
      await eventually(() => assert.equal(sink.revisions.at(-1), 'r5'));
    }).timeout(40_000);

    it('ends when it is stopped while the key is being read', async () => {
      await store.put(policyOf('n1', 'r1'));
      const gate = new TcpGate(server.endpoint);
      const slow = etcdPolicyStore({ endpoints: [await gate.start()], clusterId: cluster });
      try {
        gate.holdFrom(key());
        watching = slow.watch('n1', sink, stop.signal);
        await delay(500);
        stop.abort();
        gate.release();
        assert.equal(await Promise.race([watching.then(() => 'ended'), delay(3_000, 'goes on')]), 'ended');
        assert.deepEqual(sink.policies, []);
      } finally {
        // Would be waited for.
        watching = Promise.resolve();
        await slow.close();
        await gate.stop();
      }
    }).timeout(20_000);

    it('starts before etcd does', async () => {
      await server.kill();
      watching = store.watch('n1', sink, stop.signal);
      await eventually(() => assert.match(sink.troubles.at(-1) ?? '', /etcd at http:/), { withinMs: 10_000 });
      assert.deepEqual(sink.policies, []);
      await server.start();
      await eventually(() => assert.deepEqual(sink.policies, [undefined]), { withinMs: 10_000 });
    }).timeout(40_000);

    it('says what is wrong with a stored policy and keeps the last good one', async () => {
      await store.put(policyOf('n1', 'r1'));
      await follow();
      await raw.put(key()).value('{"schema":1');
      await eventually(() => assert.match(sink.troubles.at(-1) ?? '', /nodes\/n1: not JSON/));
      await raw.put(key()).value(JSON.stringify({ ...policyOf('n1', 'r2'), addresses: [{ prefix: 'x', group: 'g' }] }));
      await eventually(() => assert.match(sink.troubles.at(-1) ?? '', /field addresses\.0\.prefix: 'x' is not a CIDR/));
      await assert.rejects(store.get('n1'), InvalidInputError);
      await store.put(policyOf('n1', 'r3'));
      await eventually(() => assert.equal(sink.troubles.at(-1), undefined));
      assert.deepEqual(sink.revisions, ['r1', 'r3']);
    });

    it('says that a policy has another version, keeps the last one, and takes what is written anew', async () => {
      await store.put(policyOf('n1', 'r1'));
      await follow();
      await raw.put(key()).value(JSON.stringify({ ...policyOf('n1', 'old'), schema: 1, permits: 'as they were' }));
      await eventually(() =>
        assert.match(sink.troubles.at(-1) ?? '', /nodes\/n1: field schema: 1, expected 3: an older/),
      );
      const worker = new PublishWorker({
        moves: unwatchedMoves(),
        store,
        desired: () => ({ ...desiredStateOf({}), nodes: new Map([['n1', policyOf('n1', 'r2')]]) }),
        log: silentLogger,
      });
      assert.deepEqual(await worker.stale(), ['n1'], 'the gateway writes it anew, whatever its revision');
      await worker.run('n1', () => true);
      await eventually(() => assert.deepEqual(sink.revisions, ['r1', 'r2']));
      assert.equal(sink.troubles.at(-1), undefined);
    });

    it('ends its watches when it is closed', async () => {
      await follow();
      await store.close();
      await watching;
    });
  });
});
