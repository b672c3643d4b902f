import assert from 'node:assert/strict';
import { GatewayError } from '#errors';
import type { WorkQueue } from '#ports';
import { redisQueue } from '#queue';
import { silentLogger, systemClock } from '#runtime';
import { eventually } from '#support/eventually';
import { REDIS, type RedisServer, startRedis } from '#support/redis-server';
import { describeWith } from '#support/requirement';
import { workQueueContract } from '../workers/work-queue-contract.js';

describeWith([REDIS], 'work queue on Redis', () => {
  let redis: RedisServer;
  let count = 0;
  before(async () => {
    redis = await startRedis();
  });
  after(() => redis.stop());

  it('a run that was told to stop has not failed: the next process begins it at once, whatever it said', async () => {
    const open = (parked: string[]): WorkQueue =>
      redisQueue({
        redis: { url: redis.url },
        prefix: '{test-stopped}',
        concurrency: 1,
        takeoverMs: 15_000,
        clock: systemClock(),
        random: () => 1,
        log: silentLogger,
        onParked: (key) => parked.push(key),
      });
    const parked: string[] = [];
    const first = open(parked);
    const started = new Promise<void>((resolve) => {
      first.start((_, signal) => {
        resolve();
        const error = new GatewayError('STOPPED', 'told to stop', { disposition: 'park' });
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(error)));
      });
    });
    await first.add('a');
    await started;
    await first.close();
    const second = open(parked);
    const runs: string[] = [];
    second.start((key) => {
      runs.push(key);
      return Promise.resolve('done');
    });
    await eventually(() => assert.deepEqual(runs, ['a']));
    assert.deepEqual(parked, []);
    assert.deepEqual(await second.deadLetters(), []);
    assert.equal((await second.counts()).failed, 0);
    await second.close();
  });

  workQueueContract('BullMQ', ({ concurrency, deadAfter, onParked }) => {
    count += 1;
    return Promise.resolve(
      redisQueue({
        redis: { url: redis.url },
        prefix: `{test-${count}}`,
        concurrency,
        takeoverMs: 15_000,
        clock: systemClock(),
        random: () => 0,
        log: silentLogger,
        ...(deadAfter === undefined ? {} : { deadAfter }),
        ...(onParked === undefined ? {} : { onParked }),
      }),
    );
  });
});
