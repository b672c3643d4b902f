import { redisQueue } from '#queue';
import { silentLogger, systemClock } from '#runtime';
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
