import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import * as fc from 'fast-check';
import { GatewayError } from '#errors';
import type { WorkQueue } from '#ports';
import { eventually } from '#support/eventually';
import { deadLetterContract } from './dead-letter-contract.js';
import { comeBack, gate, type WorkQueueFactory } from './queue-contract-parts.js';
import { STORMS, type Storm } from './queue-storm.js';

const never = (): Promise<void> => new Promise(() => undefined);

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

    it('runs the more urgent class first, and within a class first come first served', async () => {
      const queue = await fresh({ concurrency: 1 });
      const runs: string[] = [];
      await queue.add('look-1', { priority: 'inventory' });
      await queue.addAfter('look-2', 1, { priority: 'inventory' });
      await queue.add('open-1');
      await queue.add('open-2', { priority: 'policy' });
      await queue.add('look-3', { priority: 'inventory' });
      queue.start((key) => {
        runs.push(key);
        return Promise.resolve('done');
      });
      await eventually(() => assert.equal(runs.length, 5));
      assert.deepEqual(runs.slice(0, 2), ['open-1', 'open-2']);
      assert.deepEqual(
        runs.filter((key) => key === 'look-1' || key === 'look-3'),
        ['look-1', 'look-3'],
      );
    });

    it('runs at once again what was added while it ran and failed', async () => {
      const queue = await fresh({ concurrency: 1 });
      const first = gate();
      let runs = 0;
      queue.start(async () => {
        runs += 1;
        if (runs > 1) return 'done';
        await first.passed;
        throw comeBack(3_600_000);
      });
      await queue.add('a');
      await eventually(() => assert.equal(runs, 1));
      await queue.add('a');
      first.open();
      await eventually(async () => assert.equal(await queue.depth(), 0));
      assert.ok(runs === 2 || runs === 3, `${runs} runs`);
    });

    deadLetterContract(fresh);

    it('counts where its keys are', async () => {
      const queue = await fresh({ concurrency: 1 });
      const door = gate();
      for (const key of ['a', 'b', 'c']) await queue.add(key);
      await queue.addAfter('later', 3_600_000);
      assert.deepEqual(await queue.counts(), { running: 0, waiting: 3, delayed: 1, dead: 0, done: 0, failed: 0 });
      queue.start(async (key) => {
        if (key === 'b') await door.passed;
        if (key === 'c') throw comeBack(3_600_000);
        return 'done';
      });
      await eventually(async () => {
        assert.deepEqual(await queue.counts(), { running: 1, waiting: 1, delayed: 1, dead: 0, done: 1, failed: 0 });
      });
      door.open();
      await eventually(async () => {
        assert.deepEqual(await queue.counts(), { running: 0, waiting: 0, delayed: 2, dead: 0, done: 2, failed: 1 });
      });
    });

    it('drains: takes nothing new, and lets what runs end', async () => {
      const queue = await fresh({ concurrency: 1 });
      const runs: string[] = [];
      let isAborted = false;
      queue.start(async (key, signal) => {
        runs.push(key);
        await delay(80);
        isAborted ||= signal.aborted;
        return 'done';
      });
      await queue.add('a');
      await queue.add('b');
      await eventually(() => assert.deepEqual(runs, ['a']));
      await queue.drain(30_000);
      await delay(50);
      assert.deepEqual(runs, ['a']);
      assert.equal(isAborted, false);
    });

    it('drains: aborts what has not ended in time', async () => {
      const queue = await fresh({ concurrency: 1 });
      let started = 0;
      let ended = 0;
      queue.start(async (_, signal) => {
        started = Date.now();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        ended = Date.now();
        throw new Error('aborted');
      });
      await queue.add('a');
      await eventually(() => assert.ok(started > 0));
      const drained = Date.now();
      await queue.drain(100);
      assert.ok(ended - drained >= 90, `aborted ${ended - drained} ms after the drain began`);
      assert.ok(Date.now() - drained < 10_000);
    });

    it('never runs a key twice at a time, and starts a run after the last addition of every key', async () => {
      const property = fc.asyncProperty(STORMS, (storm) => weather(storm));
      await fc.assert(property, { numRuns: 40 });
    });

    /** Lets a storm pass over a fresh queue and looks at what it left. */
    async function weather(storm: Storm): Promise<void> {
      const queue = await create({ concurrency: storm.concurrency });
      try {
        await storm.pass(queue);
        await eventually(async () => {
          const { waiting, running, delayed } = await queue.counts();
          assert.deepEqual({ waiting, running, delayed }, { waiting: 0, running: 0, delayed: 0 });
        });
        storm.check();
      } finally {
        await queue.close();
      }
    }
  });
}
