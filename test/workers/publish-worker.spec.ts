import assert from 'node:assert/strict';
import { InvalidInputError } from '#errors';
import type { KubernetesObject } from '#model/kubernetes';
import type { NodePolicy } from '#model/node';
import type { PolicyStore } from '#ports';
import { silentLogger } from '#runtime';
import { memoryPolicyStore } from '#store';
import { desiredStateOf } from '#support/desired-state';
import { unwatchedMoves } from '#support/unwatched-moves';
import type { DesiredState } from '../../workers/desired-state.js';
import { PublishWorker } from '../../workers/publish-worker.js';

const pod = (name: string, node: string, ip: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  spec: { nodeName: node, containers: [] },
  status: { phase: 'Running', podIPs: [{ ip }] },
});

const desiredFor = (...pods: readonly KubernetesObject[]): DesiredState => desiredStateOf({ pods });

const always = (): boolean => true;

/** Publishes whatever is stale, as the queue would. */
async function publish(worker: PublishWorker): Promise<readonly string[]> {
  const stale = (await worker.stale()) ?? [];
  for (const node of stale) assert.ok(await worker.run(node, always));
  return stale;
}

describe('publish worker', () => {
  let store: PolicyStore;
  let desired: DesiredState;
  const newWorker = (): PublishWorker =>
    new PublishWorker({ store, desired: () => desired, moves: unwatchedMoves(), log: silentLogger });

  beforeEach(() => {
    store = memoryPolicyStore();
    desired = desiredFor(pod('a', 'n1', '10.244.0.2'), pod('b', 'n2', '10.244.1.2'));
  });

  it('publishes one slice a node, and only again when it changed', async () => {
    const worker = newWorker();
    assert.deepEqual(await publish(worker), ['n1', 'n2']);
    assert.deepEqual(
      (await store.get('n1'))?.endpoints.map(({ pod: key }) => key),
      ['shop/a'],
    );
    assert.ok(worker.settled);
    assert.deepEqual(await publish(worker), []);
    desired = desiredFor(pod('a', 'n1', '10.244.0.3'), pod('b', 'n2', '10.244.1.2'));
    assert.deepEqual(await publish(worker), ['n1', 'n2'], 'every node knows the address of every pod');
  });

  it('writes nothing after a restart when the store holds the same', async () => {
    await publish(newWorker());
    assert.deepEqual(await publish(newWorker()), []);
  });

  it('reads the store while it is not known what is desired, and takes nothing away for that', async () => {
    await publish(newWorker());
    const found: string[] = [];
    const moves = {
      found: ({ node }: { readonly node: string }) => void found.push(node),
      telling: () => assert.fail('telling'),
      told: () => assert.fail('told'),
      gone: () => assert.fail('gone'),
    };
    const worker = new PublishWorker({ store, desired: () => undefined, moves, log: silentLogger });
    assert.equal(await worker.stale(), undefined);
    assert.deepEqual(found.toSorted(), ['n1', 'n2'], 'where the pods are is known before anything is planned');
    await worker.run('n1', always);
    assert.ok((await store.get('n1')) !== undefined, 'the key may be of an earlier run');
  });

  it('writes the slices of a node one after another: a slow put does not come after a newer one', async () => {
    let release: (() => void) | undefined;
    const slow: PolicyStore = {
      ...store,
      put: async (policy) => {
        if (release === undefined) await new Promise<void>((resolve) => (release = resolve));
        await store.put(policy);
      },
    };
    const worker = new PublishWorker({
      store: slow,
      desired: () => desired,
      moves: unwatchedMoves(),
      log: silentLogger,
    });
    await worker.stale();
    const first = worker.run('n1', always);
    await new Promise(setImmediate);
    desired = desiredFor(pod('a', 'n1', '10.244.0.9'));
    const second = worker.run('n1', always);
    await new Promise(setImmediate);
    assert.ok(release !== undefined);
    release();
    await Promise.all([first, second]);
    assert.equal((await store.get('n1'))?.revision, desired.nodes.get('n1')?.revision);
    assert.ok(worker.isPublished('n1'));
  });

  it('asks when it is the turn of a node whether its host may be told what is desired by then', async () => {
    let release: (() => void) | undefined;
    const put = async (policy: NodePolicy): Promise<void> => {
      await new Promise<void>((resolve) => (release = resolve));
      await store.put(policy);
    };
    const moves = unwatchedMoves();
    const worker = new PublishWorker({ store: { ...store, put }, desired: () => desired, moves, log: silentLogger });
    await worker.stale();
    let mayTell = true;
    const turns = [worker.run('n1', () => mayTell), worker.run('n1', () => mayTell)];
    await new Promise(setImmediate);
    const first = desired.nodes.get('n1')?.revision;
    // While the put is on its way a pod has to move to a VLAN that the fabric has not bound yet.
    desired = desiredFor(pod('a', 'n1', '10.244.0.9'));
    mayTell = false;
    assert.ok(release !== undefined);
    release();
    assert.deepEqual(await Promise.all(turns), [true, false]);
    assert.equal((await store.get('n1'))?.revision, first);
    assert.ok(!worker.isPublished('n1'));
  });

  it('removes the slice of a node that is gone, also after a restart', async () => {
    await publish(newWorker());
    desired = desiredFor(pod('b', 'n2', '10.244.1.2'));
    await publish(newWorker());
    assert.deepEqual(await store.nodes(), ['n2']);
  });

  it('puts back what somebody took out of the store', async () => {
    const worker = newWorker();
    await publish(worker);
    await store.remove('n1');
    assert.deepEqual(await publish(worker), [], 'it does not look every time');
    worker.forget();
    assert.deepEqual(await publish(worker), ['n1']);
    assert.notEqual(await store.get('n1'), undefined);
  });

  it('writes anew what failed and was perhaps taken all the same', async () => {
    let isLost = false;
    /** Does what is asked; the answer is lost. */
    const losing = async (done: Promise<void>): Promise<void> => {
      await done;
      if (isLost) throw new Error('the answer was lost');
    };
    const worker = new PublishWorker({
      store: { ...store, put: (policy) => losing(store.put(policy)), remove: (node) => losing(store.remove(node)) },
      desired: () => desired,
      moves: unwatchedMoves(),
      log: silentLogger,
    });
    await publish(worker);
    const before = desired;
    for (const meanwhile of [desiredFor(pod('a', 'n1', '10.244.0.9')), desiredFor(pod('b', 'n2', '10.244.1.2'))]) {
      isLost = true;
      desired = meanwhile;
      await assert.rejects(worker.run('n1', always), /answer was lost/);
      isLost = false;
      desired = before;
      assert.ok(!worker.settled && !worker.isPublished('n1'));
      assert.deepEqual(await publish(worker), ['n1'], 'it is desired what was published before');
      assert.equal((await store.get('n1'))?.revision, before.nodes.get('n1')?.revision);
    }
  });

  it('waits for a slice that is on its way, whatever is desired or read back meanwhile', async () => {
    let isSlow = false;
    let release: (() => void) | undefined;
    const put = async (policy: NodePolicy): Promise<void> => {
      if (isSlow) await new Promise<void>((resolve) => (release = resolve));
      await store.put(policy);
    };
    const moves = unwatchedMoves();
    const worker = new PublishWorker({ store: { ...store, put }, desired: () => desired, moves, log: silentLogger });
    await publish(worker);
    const before = desired;
    isSlow = true;
    desired = desiredFor(pod('a', 'n1', '10.244.0.9'), pod('b', 'n2', '10.244.1.2'));
    const turn = worker.run('n1', always);
    await new Promise(setImmediate);
    isSlow = false;
    desired = before;
    assert.deepEqual(await worker.stale(), ['n1']);
    worker.forget();
    assert.deepEqual(await worker.stale(), ['n1']);
    assert.ok(release !== undefined);
    release();
    await turn;
    await publish(worker);
    assert.equal((await store.get('n1'))?.revision, before.nodes.get('n1')?.revision);
  });

  it('does not take what it read before a write for what the store holds after it', async () => {
    let release: (() => void) | undefined;
    const get = async (node: string): ReturnType<PolicyStore['get']> => {
      const slice = await store.get(node);
      if (node === 'n2') await new Promise<void>((resolve) => (release = resolve));
      return slice;
    };
    await publish(newWorker());
    const moves = unwatchedMoves();
    const worker = new PublishWorker({ store: { ...store, get }, desired: () => desired, moves, log: silentLogger });
    const before = desired;
    const reading = worker.stale();
    await new Promise(setImmediate);
    // A slice is written, from beginning to end, while that of another node is still being read.
    desired = desiredFor(pod('a', 'n1', '10.244.0.9'), pod('b', 'n2', '10.244.1.2'));
    await worker.run('n1', always);
    desired = before;
    assert.ok(release !== undefined);
    release();
    assert.deepEqual(await reading, ['n1']);
    await worker.run('n1', always);
    assert.equal((await store.get('n1'))?.revision, before.nodes.get('n1')?.revision);
  });

  it('writes anew what it cannot read', async () => {
    await publish(newWorker());
    const broken: PolicyStore = {
      ...store,
      get: (node) => (node === 'n1' ? Promise.reject(new InvalidInputError('not JSON')) : store.get(node)),
    };
    const worker = new PublishWorker({
      store: broken,
      desired: () => desired,
      moves: unwatchedMoves(),
      log: silentLogger,
    });
    assert.deepEqual(await publish(worker), ['n1']);
  });
});
