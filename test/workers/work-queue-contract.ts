import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { GatewayError } from '#errors';
import type { WorkQueue } from '#ports';
import { eventually } from '#support/eventually';

/** Makes a fresh, empty queue. `onParked` is called with each key that is set aside. */
export type WorkQueueFactory = (options: {
  readonly concurrency: number;
  readonly onParked?: (key: string) => void;
}) => Promise<WorkQueue>;

const never = (): Promise<void> => new Promise(() => undefined);

/** A door that the test opens. */
function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

/** What every adapter of the {@link WorkQueue} port must do, in real time and whatever lies behind it. */
export function workQueueContract(name: string, create: WorkQueueFactory): void {
  describe(`${name}: work queue contract`, () => {
    const queues: WorkQueue[] = [];
    const fresh: WorkQueueFactory = async (options) => {
      const queue = await create(options);
      queues.push(queue);
      return queue;
    };
    afterEach(async () => {
      await Promise.all(queues.splice(0).map((queue) => queue.close()));
    });

    it('makes one run of many additions while a key waits', async () => {
      const queue = await fresh({ concurrency: 4 });
      const runs: string[] = [];
      for (let count = 0; count < 5; count += 1) await queue.add('ns/a');
      await queue.add('ns/b');
      assert.equal(await queue.depth(), 2);
      queue.start((key) => {
        runs.push(key);
        return Promise.resolve('done');
      });
      await eventually(async () => assert.equal(await queue.depth(), 0));
      assert.deepEqual(runs.sort(), ['ns/a', 'ns/b']);
    });

    it('runs a key once more when it was added while it ran, and not at the same time', async () => {
      const queue = await fresh({ concurrency: 4 });
      const first = gate();
      let inside = 0;
      let runs = 0;
      queue.start(async () => {
        inside += 1;
        runs += 1;
        assert.equal(inside, 1, 'one run at a time');
        if (runs === 1) await first.passed;
        inside -= 1;
        return 'done';
      });
      await queue.add('a');
      await eventually(() => assert.equal(runs, 1));
      for (let count = 0; count < 5; count += 1) await queue.add('a');
      first.open();
      await eventually(async () => assert.equal(await queue.depth(), 0));
      assert.equal(runs, 2);
    });

    it('runs different keys side by side, up to its concurrency', async () => {
      const queue = await fresh({ concurrency: 3 });
      const all = gate();
      let inside = 0;
      let most = 0;
      queue.start(async () => {
        inside += 1;
        most = Math.max(most, inside);
        await all.passed;
        inside -= 1;
        return 'done';
      });
      for (const key of ['a', 'b', 'c', 'd', 'e']) await queue.add(key);
      await eventually(() => assert.equal(inside, 3));
      all.open();
      await eventually(async () => assert.equal(await queue.depth(), 0));
      assert.equal(most, 3);
    });

    it('brings a failed key back until it succeeds', async () => {
      const queue = await fresh({ concurrency: 1 });
      let runs = 0;
      queue.start(() => {
        runs += 1;
        return runs < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve('done');
      });
      await queue.add('a');
      await eventually(async () => {
        assert.equal(runs, 3);
        assert.equal(await queue.depth(), 0);
      }, 15_000);
    });

    it('lets a new addition overtake the wait for a retry', async () => {
      const queue = await fresh({ concurrency: 1 });
      let runs = 0;
      queue.start(() => {
        runs += 1;
        const failure = new GatewayError('BUSY', 'come back in an hour', {
          disposition: 'wait',
          retryAfterMs: 3_600_000,
        });
        return runs === 1 ? Promise.reject(failure) : Promise.resolve('done');
      });
      await queue.add('a');
      await eventually(() => assert.equal(runs, 1));
      await eventually(async () => assert.equal(await queue.depth(), 1));
      await queue.add('a');
      await eventually(async () => assert.equal(await queue.depth(), 0));
      assert.equal(runs, 2);
    });

    it('sets a key aside when its error says so, until it is added again', async () => {
      const parked: string[] = [];
      const queue = await fresh({ concurrency: 1, onParked: (key) => parked.push(key) });
      let runs = 0;
      queue.start(() => {
        runs += 1;
        return runs === 1
          ? Promise.reject(new GatewayError('BAD', 'bad input', { disposition: 'park' }))
          : Promise.resolve('done');
      });
      await queue.add('a');
      await eventually(() => assert.deepEqual(parked, ['a']));
      await eventually(async () => assert.equal(await queue.depth(), 0));
      assert.equal(runs, 1);
      await queue.add('a');
      await eventually(() => assert.equal(runs, 2));
    });

    it('runs a key again after the time that its handler names', async () => {
      const queue = await fresh({ concurrency: 1 });
      const at: number[] = [];
      queue.start(() => {
        at.push(Date.now());
        return Promise.resolve(at.length === 1 ? { againAfterMs: 60 } : 'done');
      });
      await queue.add('a');
      await eventually(() => assert.equal(at.length, 2));
      assert.ok((at[1] ?? 0) - (at[0] ?? 0) >= 50);
    });

    it('keeps the earliest of several delayed additions', async () => {
      const queue = await fresh({ concurrency: 1 });
      const runs: string[] = [];
      queue.start((key) => {
        runs.push(key);
        return Promise.resolve('done');
      });
      await queue.addAfter('soon', 3_600_000);
      await queue.addAfter('soon', 20);
      await queue.addAfter('soon', 3_600_000);
      await eventually(() => assert.deepEqual(runs, ['soon']));
    });

    it('aborts what runs and waits for its end when it closes', async () => {
      const queue = await fresh({ concurrency: 2 });
      let ended = false;
      let started = false;
      queue.start(async (_, signal) => {
        started = true;
        await Promise.race([never(), new Promise((resolve) => signal.addEventListener('abort', resolve))]);
        await new Promise((resolve) => setTimeout(resolve, 30));
        ended = true;
        return 'done';
      });
      await queue.add('a');
      await eventually(() => assert.ok(started));
      await queue.close();
      assert.ok(ended);
    });

    it('never runs a key twice at a time and never loses the last addition', async () => {
      const step = fc.record({
        key: fc.constantFrom('a', 'b', 'c'),
        pauseMs: fc.constantFrom(0, 0, 0, 1, 3),
        runMs: fc.constantFrom(0, 0, 1, 4),
        fails: fc.constantFrom(false, false, false, false, true),
      });
      const property = fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.integer({ min: 1, max: 3 }), runStorm);
      await fc.assert(property, { numRuns: 40 });
    });

    /** Adds keys with a rising version each; every key must end with a successful run that saw its last version. */
    async function runStorm(steps: readonly StormStep[], concurrency: number): Promise<void> {
      const queue = await create({ concurrency });
      const wanted = new Map<string, number>();
      const seen = new Map<string, number>();
      const inside = new Set<string>();
      const plan = [...steps];
      let overlaps = 0;
      queue.start(async (key) => {
        if (inside.has(key)) overlaps += 1;
        inside.add(key);
        const version = wanted.get(key) ?? 0;
        const { runMs, fails } = plan.pop() ?? { runMs: 0, fails: false };
        if (runMs > 0) await new Promise((resolve) => setTimeout(resolve, runMs));
        inside.delete(key);
        if (fails) throw new GatewayError('T', 'for the test', { disposition: 'wait', retryAfterMs: 1 });
        seen.set(key, version);
        return 'done';
      });
      try {
        for (const { key, pauseMs } of steps) {
          wanted.set(key, (wanted.get(key) ?? 0) + 1);
          await queue.add(key);
          if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
        }
        await eventually(async () => assert.equal(await queue.depth(), 0));
        assert.equal(overlaps, 0);
        assert.deepEqual(seen, wanted);
      } finally {
        await queue.close();
      }
    }
  });
}

interface StormStep {
  readonly key: string;
  readonly pauseMs: number;
  readonly runMs: number;
  readonly fails: boolean;
}
