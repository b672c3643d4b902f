import assert from 'node:assert/strict';
import { eventually } from '#support/eventually';
import { comeBack, gate, parking, type WorkQueueFactory } from './queue-contract-parts.js';

/** What the contract of a work queue says of dead letters. */
export function deadLetterContract(fresh: WorkQueueFactory): void {
  describe('dead letters', () => {
    it('keeps a letter of what it set aside until a run of the key succeeds', async () => {
      const queue = await fresh({ concurrency: 1 });
      const second = gate();
      let runs = 0;
      queue.start(async () => {
        runs += 1;
        if (runs === 1) throw parking();
        await second.passed;
        return 'done';
      });
      const began = Date.now();
      await queue.add('a');
      await eventually(async () => assert.equal((await queue.counts()).dead, 1));
      const [letter, ...others] = await queue.deadLetters();
      assert.deepEqual(others, []);
      const { since = 0, ...rest } = letter ?? {};
      assert.deepEqual(rest, { key: 'a', code: 'BAD', reason: 'bad input', attempts: 1 });
      assert.ok(since >= began && since <= Date.now());
      await queue.add('a');
      second.open();
      await eventually(async () => assert.deepEqual(await queue.deadLetters(), []));
    });

    it('sets aside what failed too often, and counts the tries', async () => {
      const queue = await fresh({ concurrency: 1, deadAfter: 3 });
      let runs = 0;
      queue.start(() => {
        runs += 1;
        return Promise.reject(comeBack(1));
      });
      await queue.add('a');
      await eventually(async () => assert.equal((await queue.deadLetters())[0]?.attempts, 3));
      assert.equal(runs, 3);
      assert.deepEqual(await queue.counts(), { running: 0, waiting: 0, delayed: 0, dead: 1, done: 0, failed: 3 });
    });

    it('tries one dead key again, or all, and forgets those that somebody dealt with', async () => {
      const queue = await fresh({ concurrency: 1 });
      const runs: string[] = [];
      queue.start((key) => {
        runs.push(key);
        return Promise.reject(parking());
      });
      const keys = async (): Promise<readonly string[]> => (await queue.deadLetters()).map(({ key }) => key).sort();
      for (const key of ['a', 'b', 'c']) await queue.add(key);
      await eventually(async () => assert.deepEqual(await keys(), ['a', 'b', 'c']));
      assert.equal(await queue.retryDead('nobody'), 0);
      assert.equal(await queue.retryDead('b'), 1);
      await eventually(() => assert.deepEqual(runs.toSorted(), ['a', 'b', 'b', 'c']));
      await eventually(async () => assert.deepEqual(await keys(), ['a', 'b', 'c']));
      await queue.forgetDead(['a', 'nobody']);
      assert.deepEqual(await keys(), ['b', 'c']);
      assert.equal(await queue.retryDead(), 2);
      await eventually(() => assert.deepEqual(runs.toSorted(), ['a', 'b', 'b', 'b', 'c', 'c']));
    });

    it('keeps a letter that somebody left of a key while its run went well', async () => {
      const queue = await fresh({ concurrency: 1 });
      const first = gate();
      const reached = gate();
      queue.start(async () => {
        reached.open();
        await first.passed;
        return 'done';
      });
      await queue.add('a');
      await reached.passed;
      const letter = { key: 'a', code: 'REFUSED', reason: 'the APIC refused it', attempts: 1, since: 1 };
      await queue.setAside(letter);
      first.open();
      await eventually(async () => assert.equal((await queue.counts()).done, 1));
      assert.deepEqual(await queue.deadLetters(), [letter]);
    });
  });
}
