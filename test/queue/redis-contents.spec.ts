import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { GatewayError } from '#errors';
import type { WorkContents } from '#ports';
import { redisContents } from '#queue';
import { silentLogger } from '#runtime';
import { REDIS, type RedisServer, startRedis } from '#support/redis-server';
import { describeWith } from '#support/requirement';
import { workContentsContract } from '../workers/work-contents-contract.js';

describeWith([REDIS], 'work contents in Redis', () => {
  let redis: RedisServer;
  let count = 0;
  const opened: WorkContents[] = [];
  const open = (prefix: string, leaseMs = 60_000): WorkContents => {
    const contents = redisContents({ redis: { url: redis.url }, prefix, leaseMs, log: silentLogger });
    opened.push(contents);
    return contents;
  };
  before(async () => {
    redis = await startRedis();
  });
  after(() => redis.stop());
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((contents) => contents.close()));
  });

  workContentsContract('Redis', (leaseMs) => {
    count += 1;
    const prefix = `{contents-${count}}`;
    return Promise.resolve(() => open(prefix, leaseMs));
  });

  it('keeps a caller from putting once another has taken over, and lets it put again into an emptied Redis', async () => {
    const [before, now] = [open('{epochs}'), open('{epochs}')];
    await before.takeOver();
    await before.put('a', 'old', 1);
    await now.takeOver();
    await now.put('a', 'new', 1);
    await assert.rejects(before.put('a', 'older', 9), (error) => {
      assert.ok(error instanceof GatewayError && error.code === 'WORK_TAKEN_OVER' && error.disposition === 'wait');
      return true;
    });
    await redis.flush();
    await now.put('a', 'newer', 2);
    await assert.rejects(before.put('a', 'older', 9), /another gateway/);
    assert.deepEqual(await before.take('a', 'w1'), { kind: 'work', content: 'newer', revision: 2 });
  });

  it('does not claim to know of workers what an emptied Redis has lost, until all leases of then are over', async () => {
    const [caller, worker] = [open('{lost}', 300), open('{lost}', 300)];
    await caller.takeOver();
    await caller.put('a', 'x', 1);
    await worker.take('a', 'w1');
    await redis.flush();
    const leftMs = await caller.withdraw('a', 1);
    assert.ok(leftMs > 200 && leftMs <= 300, `${leftMs} ms`);
    await caller.put('b', 'x', 2);
    assert.ok((await caller.withdraw('b', 2)) > 0, 'not even of what was put afterwards');
    await delay(320);
    assert.equal(await caller.withdraw('a', 1), 0);
    await caller.put('c', 'x', 3);
    await worker.take('c', 'w2');
    assert.ok((await caller.withdraw('c', 3)) > 0);
    await worker.report('c', { worker: 'w2', revision: 3 }, { kind: 'done' });
    assert.equal(await caller.withdraw('c', 3), 0);
  });

  it('lets whoever takes over wait for the leases that an emptied Redis has lost, when anybody was there to see it', async () => {
    const [before, now] = [open('{seen}'), open('{seen}')];
    assert.equal(await before.takeOver(), 0, 'nobody has been here');
    await before.put('a', 'x', 1);
    await before.take('a', 'w1');
    await redis.flush();
    await before.wishes();
    const leftMs = await now.takeOver();
    assert.ok(leftMs > 50_000 && leftMs <= 60_000, `${leftMs} ms`);
    assert.equal(await now.withdraw('a', 1), 0, 'it is known from then on');
  });

  it('shares one Redis with others', async () => {
    const [east, west] = [open('{east}'), open('{west}')];
    await east.takeOver();
    await west.takeOver();
    await east.put('a', 'east', 1);
    assert.deepEqual(await west.take('a', 'w1'), { kind: 'nothing' });
    assert.ok((await redis.keys()).every((key) => /^\{(east|west|lost|seen)\}:/.test(key)));
  });
});
