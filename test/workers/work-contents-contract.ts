import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkContents, WorkFailure } from '#ports';
import { eventually } from '#support/eventually';

/** Makes contents that share one empty store: each call of the result is another process's view of it. */
export type WorkContentsFactory = (leaseMs: number) => Promise<() => WorkContents>;

const FAILURE: WorkFailure = { code: 'APIC_REJECTED', message: 'no', disposition: 'park' };
const BUSY: WorkFailure = { code: 'APIC_BUSY', message: 'later', disposition: 'retry', retryAfterMs: 30_000 };

/** What every adapter of the {@link WorkContents} port must do. */
export function workContentsContract(name: string, create: WorkContentsFactory): void {
  describe(`${name}: work contents contract`, () => {
    const opened: WorkContents[] = [];
    /** A caller that has taken over, and a worker. */
    const setUp = async (
      leaseMs = 60_000,
    ): Promise<{ readonly caller: WorkContents; readonly worker: WorkContents }> => {
      const open = await create(leaseMs);
      const [caller, worker] = [open(), open()];
      opened.push(caller, worker);
      await caller.takeOver();
      return { caller, worker };
    };
    const stateOf = async (caller: WorkContents, key: string, revision: number): Promise<unknown> =>
      (await caller.states(new Map([[key, revision]]))).get(key);
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((contents) => contents.close()));
    });

    it('gives a content to a worker and its report to the caller', async () => {
      const { caller, worker } = await setUp();
      await caller.put('a', 'text: "ü" |1|', 7);
      assert.deepEqual(await stateOf(caller, 'a', 7), { kind: 'pending' });
      assert.deepEqual(await worker.take('a', 'w1'), { kind: 'work', content: 'text: "ü" |1|', revision: 7 });
      await worker.report('a', { worker: 'w1', revision: 7 }, { kind: 'done' });
      assert.deepEqual(await stateOf(caller, 'a', 7), { kind: 'done' });
      assert.deepEqual(await worker.take('a', 'w2'), { kind: 'nothing' }, 'what is done is wanted no more');
      assert.equal(await caller.withdraw('a', 7), 0);
      assert.deepEqual(await stateOf(caller, 'a', 7), { kind: 'lost' });
    });

    it('carries a failure as it is, and counts the tries of one that goes on', async () => {
      const { caller, worker } = await setUp();
      await caller.put('a', 'x', 1);
      for (const run of ['w1', 'w2']) {
        await worker.take('a', run);
        await worker.report('a', { worker: run, revision: 1 }, { kind: 'failing', failure: BUSY, tries: 1 });
      }
      assert.deepEqual(await stateOf(caller, 'a', 1), { kind: 'failing', failure: BUSY, tries: 2 });
      await worker.take('a', 'w3');
      await worker.report('a', { worker: 'w3', revision: 1 }, { kind: 'failed', failure: FAILURE });
      assert.deepEqual(await stateOf(caller, 'a', 1), { kind: 'failed', failure: FAILURE });
    });

    it('lets the latest content win, in whatever order they come', async () => {
      const { caller, worker } = await setUp();
      await caller.put('a', 'new', 2);
      await caller.put('a', 'old', 1);
      assert.deepEqual(await worker.take('a', 'w1'), { kind: 'work', content: 'new', revision: 2 });
      assert.deepEqual(await stateOf(caller, 'a', 1), { kind: 'lost' });
    });

    it('ignores the report on a content that is another by now', async () => {
      const { caller, worker } = await setUp();
      await caller.put('a', 'old', 1);
      await worker.take('a', 'w1');
      await caller.put('a', 'new', 2);
      await worker.report('a', { worker: 'w1', revision: 1 }, { kind: 'done' });
      assert.deepEqual(await stateOf(caller, 'a', 2), { kind: 'pending' });
      assert.deepEqual(await worker.take('a', 'w2'), { kind: 'work', content: 'new', revision: 2 });
    });

    it('gives nobody a newer content as long as another may be at an older one', async () => {
      const { caller, worker } = await setUp();
      await caller.put('a', 'old', 1);
      await worker.take('a', 'w1');
      assert.equal((await worker.take('a', 'w2')).kind, 'work', 'the same content twice does no harm');
      await caller.put('a', 'new', 2);
      const busy = await worker.take('a', 'w3');
      assert.ok(busy.kind === 'busy' && busy.forMs > 50_000 && busy.forMs <= 60_000);
      await worker.report('a', { worker: 'w2', revision: 1 }, { kind: 'done' });
      assert.equal((await worker.take('a', 'w3')).kind, 'busy', 'the first one may still be at it');
      await worker.report('a', { worker: 'w1', revision: 1 }, { kind: 'done' });
      assert.equal((await worker.take('a', 'w3')).kind, 'work');
    });

    it('ends a lease with its time', async () => {
      const { caller, worker } = await setUp(60);
      await caller.put('a', 'old', 1);
      await worker.take('a', 'w1');
      await caller.put('a', 'new', 2);
      assert.equal((await worker.take('a', 'w2')).kind, 'busy');
      await delay(80);
      assert.deepEqual(await worker.take('a', 'w2'), { kind: 'work', content: 'new', revision: 2 });
    });

    it('says of what is taken back whether a worker may be at it', async () => {
      const { caller, worker } = await setUp();
      await caller.put('free', 'x', 1);
      assert.equal(await caller.withdraw('free', 1), 0);
      assert.deepEqual(await worker.take('free', 'w1'), { kind: 'nothing' });
      await caller.put('taken', 'x', 2);
      await worker.take('taken', 'w1');
      assert.ok((await caller.withdraw('taken', 2)) > 50_000);
      assert.deepEqual(await worker.take('taken', 'w2'), { kind: 'nothing' });
      await worker.report('taken', { worker: 'w1', revision: 2 }, { kind: 'done' });
      assert.equal(await caller.withdraw('taken', 2), 0);
      await caller.put('kept', 'x', 3);
      await caller.withdraw('kept', 2);
      assert.equal((await worker.take('kept', 'w1')).kind, 'work', 'only that very content is taken back');
    });

    it('forgets what a caller before wanted, and says for how long workers may still be at it', async () => {
      const { caller, worker } = await setUp();
      await caller.put('a', 'x', 1);
      await caller.put('b', 'x', 2);
      await worker.take('a', 'w1');
      assert.ok((await caller.takeOver()) > 50_000);
      assert.deepEqual(await worker.take('b', 'w2'), { kind: 'nothing' });
      await worker.report('a', { worker: 'w1', revision: 1 }, { kind: 'done' });
      assert.deepEqual(await stateOf(caller, 'a', 1), { kind: 'lost' });
      assert.equal(await caller.takeOver(), 0);
    });

    it('wakes the caller when something was reported or wished for, also before it waits', async () => {
      const { caller, worker } = await setUp();
      const { signal } = new AbortController();
      await caller.put('a', 'x', 1);
      // The first wait opens the ear, where there is one.
      await caller.changed(50, signal);
      const wakes: Promise<void>[] = [];
      const timed = async (cause: () => Promise<void>): Promise<number> => {
        const began = performance.now();
        const woken = caller.changed(20_000, signal);
        wakes.push(woken);
        await cause();
        await woken;
        return performance.now() - began;
      };
      await worker.take('a', 'w1');
      assert.ok((await timed(() => worker.report('a', { worker: 'w1', revision: 1 }, { kind: 'done' }))) < 5_000);
      assert.ok((await timed(() => worker.wish(['b', 'c']))) < 5_000);
      assert.deepEqual([...(await caller.wishes())].sort(), ['b', 'c']);
      assert.deepEqual(await caller.wishes(), [], 'each is told once');
      await worker.wish(['d']);
      await delay(50);
      const began = performance.now();
      await caller.changed(20_000, signal);
      assert.ok(performance.now() - began < 5_000);
    });

    it('stops waiting when aborted', async () => {
      const { caller } = await setUp();
      const stop = new AbortController();
      const waiting = caller.changed(3_600_000, stop.signal);
      stop.abort(new Error('enough'));
      await eventually(() => waiting);
    });
  });
}
