import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkContents } from '#ports';
import { redisContents } from '#queue';
import { silentLogger } from '#runtime';
import { eventually } from '#support/eventually';
import { REDIS, type RedisServer, startRedis } from '#support/redis-server';
import { describeWith } from '#support/requirement';
import { TcpGate } from '#support/tcp-gate';

const TIMEOUT_MS = 500;

describeWith([REDIS], 'work contents in Redis: commands that are done late', () => {
  let redis: RedisServer;
  const opened: WorkContents[] = [];
  const open = (url: string): WorkContents => {
    const place = { url, timeoutMs: TIMEOUT_MS };
    const contents = redisContents({ redis: place, prefix: '{late}', leaseMs: 60_000, log: silentLogger });
    opened.push(contents);
    return contents;
  };
  beforeEach(async () => {
    redis = await startRedis();
  });
  afterEach(async () => {
    redis.resume();
    await Promise.all(opened.splice(0).map((contents) => contents.close()));
    await redis.stop();
  });

  it('lets nobody take over with a request that was given up, from another who has taken over meanwhile', async () => {
    const gate = new TcpGate(redis.url);
    const [before, now] = [open(await gate.start()), open(redis.url)];
    try {
      gate.goAway();
      await assert.rejects(before.takeOver(), { code: 'QUEUE_UNREACHABLE' });
      await now.takeOver();
      await now.put('a', 'x', 1);
      gate.comeBack();
      await eventually(async () => assert.deepEqual([...(await before.states(new Map([['a', 1]]))).keys()], ['a']));
      await now.put('a', 'y', 2);
    } finally {
      await gate.stop();
    }
  });

  it('takes over nothing with a request that lay on the way for longer than its sender waited', async () => {
    const gate = new TcpGate(redis.url);
    const [before, now] = [open(await gate.start()), open(redis.url)];
    try {
      await before.takeOver();
      gate.holdFrom('eval');
      await assert.rejects(before.takeOver(), { code: 'QUEUE_UNREACHABLE' });
      await now.takeOver();
      await delay(100);
      gate.release();
      await delay(100);
      await now.put('a', 'x', 1);
    } finally {
      await gate.stop();
    }
  });

  it('keeps a wish of which the answer was lost', async () => {
    const [caller, person] = [open(redis.url), open(redis.url)];
    await caller.takeOver();
    await person.wish(['a', 'b']);
    redis.pause();
    await assert.rejects(caller.wishes(), { code: 'QUEUE_UNREACHABLE' });
    redis.resume();
    await delay(100);
    assert.deepEqual([...(await caller.wishes())].sort(), ['a', 'b']);
    await person.wish(['b']);
    assert.deepEqual(await caller.wishes(), ['b'], 'it is wished for anew');
    assert.deepEqual(await caller.wishes(), []);
  });
});
