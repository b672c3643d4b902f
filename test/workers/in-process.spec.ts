import assert from 'node:assert/strict';
import { GatewayError } from '#errors';
import { silentLogger, systemClock } from '#runtime';
import { ManualClock } from '#support/manual-clock';
import { inProcessQueue } from '#workers';
import { workQueueContract } from './work-queue-contract.js';

workQueueContract('in-process', ({ concurrency, deadAfter, onParked }) =>
  Promise.resolve(
    inProcessQueue({
      concurrency,
      clock: systemClock(),
      random: () => 0,
      log: silentLogger,
      ...(deadAfter === undefined ? {} : { deadAfter }),
      ...(onParked === undefined ? {} : { onParked }),
    }),
  ),
);

describe('in-process queue: time', () => {
  const setUp = (onCrash?: (key: string) => void) => {
    const clock = new ManualClock();
    const queue = inProcessQueue({
      concurrency: 1,
      clock,
      random: () => 1,
      log: silentLogger,
      ...(onCrash === undefined ? {} : { onCrash }),
    });
    return { clock, queue };
  };

  it('waits longer after each failure of a key, and forgets them after a success', async () => {
    const { clock, queue } = setUp();
    const at: number[] = [];
    const began = clock.now();
    queue.start(() => {
      at.push(clock.now() - began);
      return at.length === 4 ? Promise.resolve('done') : Promise.reject(new Error('no'));
    });
    await queue.add('a');
    await clock.advance(10_000);
    assert.deepEqual(at, [0, 500, 1500, 3500]);
    await queue.add('a');
    await clock.advance(500);
    assert.deepEqual(at.slice(4), [10_000, 10_500]);
    await queue.close();
  });

  it('leaves no timer behind when it closes', async () => {
    const { clock, queue } = setUp();
    queue.start(() => Promise.reject(new Error('no')));
    await queue.addAfter('later', 1000);
    await queue.add('now');
    await clock.advance(1);
    assert.equal(clock.sleeping.length, 2);
    await queue.close();
    await queue.add('too late');
    assert.equal(clock.sleeping.length, 0);
    assert.equal(await queue.depth(), 0);
  });

  it('reports an error that must stop the process and does not run the key again', async () => {
    const crashed: string[] = [];
    const { clock, queue } = setUp((key) => crashed.push(key));
    queue.start(() => Promise.reject(new GatewayError('BROKEN', 'broken', { disposition: 'crash' })));
    await queue.add('a');
    await clock.advance(100_000);
    assert.deepEqual(crashed, ['a']);
    await queue.close();
  });
});
