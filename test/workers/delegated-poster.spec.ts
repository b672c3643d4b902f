import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { GatewayError, InvalidInputError } from '#errors';
import { type FlatObject, flatten, type ManagedObject, parentDn } from '#model/aci';
import type { DeadLetter, PolicyStore, WorkQueue } from '#ports';
import { silentLogger, systemClock } from '#runtime';
import { decodeNodePolicy, encodeNodePolicy, memoryPolicyStore } from '#store';
import { desiredStateOf } from '#support/desired-state';
import { eventually } from '#support/eventually';
import { OWN_FABRIC } from '#support/settings';
import {
  DelegatedPoster,
  DelegatedWork,
  delegatedHandler,
  delegatedStore,
  inProcessQueue,
  memoryContents,
  performWork,
} from '#workers';
import { ApplyWorker } from '../../workers/apply-worker.js';
import type { DesiredState } from '../../workers/desired-state.js';
import { FabricMirror } from '../../workers/fabric-mirror.js';

const log = silentLogger;
const codec = { encode: encodeNodePolicy, decode: decodeNodePolicy };
const EPG = (name: string): string => `uni/tn-k8s/ap-k8s-test/epg-${name}`;

const desiredFor = (...namespaces: readonly string[]): DesiredState =>
  desiredStateOf({
    namespaces: namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    nodes: [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } }],
    pods: [
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'web', namespace: namespaces[0] ?? 'default' },
        spec: { nodeName: 'n1', containers: [] },
        status: { phase: 'Running', podIPs: [{ ip: '10.244.0.2' }] },
      },
    ],
  });

describe('delegated posting and publishing', () => {
  const clock = systemClock();
  const stopping = new AbortController();
  let queue: WorkQueue;
  let work: DelegatedWork;
  let running: Promise<void>;
  let stored: PolicyStore;
  let taken: FlatObject[];
  let refuses: (object: FlatObject) => boolean;

  /** The other side of the border. */
  const post = (dn: string, tree: ManagedObject): Promise<void> => {
    const objects = flatten(tree, parentDn(dn) ?? '');
    const bad = objects.find((object) => refuses(object) && Object.keys(object.attributes).length > 1);
    if (bad !== undefined) {
      return Promise.reject(new GatewayError('APIC_REJECTED', `no ${bad.dn} here`, { disposition: 'park' }));
    }
    taken.push(...objects);
    return Promise.resolve();
  };

  before(() => {
    const contents = memoryContents({ clock, leaseMs: 60_000 });
    queue = inProcessQueue({ concurrency: 2, clock, random: () => 0, log });
    work = new DelegatedWork({ contents, queue, clock, log, patienceMs: 10_000, tries: 3, onWish: () => undefined });
    running = work.run(stopping.signal);
    stored = memoryPolicyStore();
    const perform = performWork({
      apic: { post },
      store: { put: (p) => stored.put(p), remove: (n) => stored.remove(n) },
      codec,
    });
    queue.start(delegatedHandler({ contents, perform, runName: randomUUID, clock, log }));
  });
  after(async () => {
    stopping.abort(new Error('the test is over'));
    await running;
    await queue.close();
  });
  beforeEach(() => {
    taken = [];
    refuses = () => false;
  });

  it('parks the one object that the APIC refuses, as without workers, and leaves a letter of it alone', async () => {
    const fabric = new FabricMirror(() => undefined, log);
    const desired = desiredFor('good', 'bad', 'other');
    const poster = new DelegatedPoster({ work, letters: queue, clock, log });
    const worker = new ApplyWorker({ poster, fabric, desired: () => desired, settings: OWN_FABRIC, clock, log });
    const run = (): Promise<void> => worker.run(stopping.signal);
    fabric.replaced([]);
    refuses = ({ dn }) => dn === EPG('bad');
    await run();
    await run();
    assert.ok(worker.settled);
    assert.deepEqual(
      worker.findings.map(({ code, object }) => [code, object]),
      [['APIC_REJECTED', `ACI/${EPG('bad')}`]],
    );
    for (const name of ['good', 'other']) assert.ok(taken.some(({ dn }) => dn === EPG(name)));
    const letters = await queue.deadLetters();
    assert.deepEqual(
      letters.map(({ key, code, reason }) => ({ key, code, reason })),
      [{ key: `batch/${EPG('bad')}`, code: 'APIC_REJECTED', reason: `no ${EPG('bad')} here` }],
    );
    refuses = () => false;
    worker.retryParked();
    await run();
    assert.deepEqual(await queue.deadLetters(), [], 'it was taken');
  });

  it('takes the letter of an object away that nobody wants any more, also one that a gateway before left', async () => {
    const fabric = new FabricMirror(() => undefined, log);
    let desired = desiredFor('good', 'bad');
    const begun = (): ApplyWorker => {
      const poster = new DelegatedPoster({ work, letters: queue, clock, log });
      return new ApplyWorker({ poster, fabric, desired: () => desired, settings: OWN_FABRIC, clock, log });
    };
    /** Until it has looked and found nothing left to do. */
    const settle = async (worker: ApplyWorker): Promise<readonly string[]> => {
      await worker.run(stopping.signal);
      await worker.run(stopping.signal);
      assert.ok(worker.settled);
      return (await queue.deadLetters()).map(({ key }) => key);
    };
    fabric.replaced([]);
    refuses = ({ dn }) => dn === EPG('bad') || dn === EPG('worse');
    const worker = begun();
    assert.deepEqual(await settle(worker), [`batch/${EPG('bad')}`]);
    desired = desiredFor('good', 'worse');
    assert.deepEqual(await settle(worker), [`batch/${EPG('worse')}`]);
    await queue.setAside({ key: 'node/n1', code: 'STORE', reason: 'of another kind', attempts: 1, since: 1 });
    desired = desiredFor('good');
    assert.deepEqual(await settle(begun()), ['node/n1']);
    await queue.forgetDead(['node/n1']);
  });

  it('hands out no batch that is not to be posted any more by the time that it can be', async () => {
    const fabric = new FabricMirror(() => undefined, log);
    let desired = desiredFor('one', 'two');
    fabric.replaced([...desired.objects.values()]);
    const put: string[] = [];
    // Another gateway's workers may still be at the work of before: nothing is handed out until then.
    const contents = Object.assign(memoryContents({ clock, leaseMs: 60_000 }), {
      takeOver: () => Promise.resolve(600),
      put: (key: string) => Promise.resolve(void put.push(key)),
    });
    const own = new DelegatedWork({
      contents,
      queue,
      clock,
      log,
      patienceMs: 10_000,
      tries: 3,
      onWish: () => undefined,
    });
    const stop = new AbortController();
    const served = own.run(stop.signal);
    const poster = new DelegatedPoster({ work: own, letters: queue, clock, log });
    const worker = new ApplyWorker({ poster, fabric, desired: () => desired, settings: OWN_FABRIC, clock, log });
    desired = desiredFor('one');
    const run = worker.run(stopping.signal);
    desired = desiredFor('one', 'two');
    await run;
    assert.deepEqual(put, []);
    assert.deepEqual(worker.findings, []);
    stop.abort(new Error('the test is over'));
    await served;
  });

  it('takes a letter away later that could not be taken away when the object was taken', async () => {
    const fabric = new FabricMirror(() => undefined, log);
    let desired = desiredFor('good', 'bad');
    let isAway = false;
    const letters = {
      deadLetters: () => queue.deadLetters(),
      setAside: (letter: DeadLetter) => queue.setAside(letter),
      forgetDead: (keys: readonly string[]) =>
        isAway ? Promise.reject(new Error('Redis is away')) : queue.forgetDead(keys),
    };
    const poster = new DelegatedPoster({ work, letters, clock, log });
    const worker = new ApplyWorker({ poster, fabric, desired: () => desired, settings: OWN_FABRIC, clock, log });
    const run = (): Promise<void> => worker.run(stopping.signal);
    fabric.replaced([]);
    refuses = ({ dn }) => dn === EPG('bad');
    await run();
    await run();
    refuses = () => false;
    isAway = true;
    worker.retryParked();
    // Taken together with another one: the queue knows no letter of such a batch.
    desired = desiredFor('good', 'bad', 'more');
    await run();
    await run();
    assert.equal((await queue.deadLetters()).length, 1);
    isAway = false;
    await run();
    assert.deepEqual(await queue.deadLetters(), []);
  });

  it('writes and removes the policies of nodes where the worker is, and reads them from here', async () => {
    const policy = desiredFor('shop').nodes.get('n1') ?? assert.fail('no policy for n1');
    const { signal } = new AbortController();
    const store = delegatedStore({ store: stored, work, codec, stopped: signal });
    await store.put(policy);
    assert.deepEqual(await stored.get('n1'), policy);
    assert.deepEqual(await store.nodes(), ['n1']);
    await store.remove('n1');
    assert.deepEqual(await stored.nodes(), []);
  });

  it('fails with the error of the store', async () => {
    const policy = desiredFor('shop').nodes.get('n1') ?? assert.fail('no policy for n1');
    const { signal } = new AbortController();
    const store = delegatedStore({ store: stored, work, codec, stopped: signal });
    const sound = stored;
    stored = { ...stored, put: () => Promise.reject(new InvalidInputError('node n1: field x: too long')) };
    try {
      await assert.rejects(store.put(policy), (error) => {
        assert.ok(error instanceof GatewayError && error.disposition === 'park' && error.code === 'INVALID_INPUT');
        assert.equal(error.message, 'node n1: field x: too long');
        return true;
      });
    } finally {
      stored = sound;
    }
    await eventually(async () => assert.equal(await queue.depth(), 0));
  });
});
