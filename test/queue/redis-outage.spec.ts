import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { generate } from 'selfsigned';
import { GatewayError } from '#errors';
import type { WorkQueue } from '#ports';
import { type RedisPlace, redisQueue } from '#queue';
import { silentLogger, systemClock } from '#runtime';
import { eventually } from '#support/eventually';
import { REDIS, type RedisServer, startRedis } from '#support/redis-server';
import { describeWith } from '#support/requirement';

const isUnreachable = (error: unknown): boolean => {
  assert.ok(error instanceof GatewayError, String(error));
  assert.equal(error.code, 'QUEUE_UNREACHABLE');
  assert.equal(error.disposition, 'retry');
  return true;
};

describeWith([REDIS], 'work queue on a Redis that fails', () => {
  let redis: RedisServer;
  const queues: WorkQueue[] = [];
  const troubles: (string | undefined)[] = [];

  /** One process's queue; all of a test share their work. */
  function open(place: Partial<RedisPlace> = {}, takeoverMs = 15_000): WorkQueue {
    const queue = redisQueue({
      redis: { url: redis.url, timeoutMs: 800, ...place },
      prefix: '{outage}',
      concurrency: 4,
      takeoverMs,
      clock: systemClock(),
      random: () => 0,
      log: silentLogger,
      onTrouble: (reason) => troubles.push(reason),
    });
    queues.push(queue);
    return queue;
  }

  beforeEach(async () => {
    troubles.length = 0;
    redis = await startRedis();
  });
  afterEach(async function () {
    this.timeout(20_000);
    redis.resume();
    await Promise.all(queues.splice(0).map((queue) => queue.close()));
    await redis.stop();
  });

  /** Runs that began so far, by key. */
  function recorded(queue: WorkQueue): readonly string[] {
    const runs: string[] = [];
    queue.start((key) => {
      runs.push(key);
      return Promise.resolve('done');
    });
    return runs;
  }

  it('goes on by itself when Redis was killed and started again, and says its trouble once', async () => {
    const queue = open();
    const runs = recorded(queue);
    await queue.add('before');
    await eventually(() => assert.deepEqual(runs, ['before']));
    await redis.kill();
    await eventually(() => assert.match(troubles.at(-1) ?? '', /^Redis at 127\.0\.0\.1:\d+: /));
    await delay(500);
    await redis.start();
    await eventually(() => assert.equal(troubles.at(-1), undefined), 10_000);
    assert.equal(troubles.filter((reason) => reason !== undefined).length, 1);
    await queue.add('after');
    await eventually(() => assert.deepEqual(runs, ['before', 'after']), 10_000);
    assert.deepEqual(await queue.counts(), { running: 0, waiting: 0, delayed: 0, dead: 0, done: 1, failed: 0 });
  }).timeout(40_000);

  it('takes an addition that waited for Redis to come back', async () => {
    const queue = open({ timeoutMs: 5_000 });
    const runs = recorded(queue);
    await queue.add('before');
    await redis.kill();
    const waiting = queue.add('during');
    await delay(50);
    await redis.start();
    await waiting;
    await eventually(() => assert.equal(runs.at(-1), 'during'), 10_000);
  }).timeout(30_000);

  it('rejects calls instead of hanging while Redis is away, and while it hangs', async () => {
    const queue = open();
    await queue.add('a');
    redis.pause();
    const began = Date.now();
    await Promise.all([
      assert.rejects(queue.add('b'), isUnreachable),
      assert.rejects(queue.addAfter('c', 5), isUnreachable),
      assert.rejects(queue.depth(), isUnreachable),
      assert.rejects(queue.deadLetters(), isUnreachable),
    ]);
    assert.ok(Date.now() - began < 4_000);
    redis.resume();
    await queue.add('d');
    const runs = recorded(queue);
    await eventually(() => assert.ok(runs.includes('d') && runs.includes('a')), 10_000);
    await redis.kill();
    await assert.rejects(queue.add('e'), isUnreachable);
  }).timeout(60_000);

  it('connects when Redis comes up later than the process', async () => {
    await redis.kill();
    const queue = open();
    const runs = recorded(queue);
    await assert.rejects(queue.add('a'), isUnreachable);
    await redis.start();
    await eventually(() => queue.add('b'), 10_000);
    await eventually(() => assert.ok(runs.includes('b')), 10_000);
  }).timeout(40_000);

  it('works on with what is added after Redis was emptied, also what ran meanwhile', async () => {
    const queue = open({}, 1_000);
    let release = (): void => undefined;
    const runs: string[] = [];
    queue.start(async (key) => {
      runs.push(key);
      if (runs.length === 1) await new Promise<void>((resolve) => (release = resolve));
      return 'done';
    });
    await queue.add('a');
    await eventually(() => assert.deepEqual(runs, ['a']));
    await redis.flush();
    await queue.add('a');
    await queue.add('b');
    await eventually(() => assert.deepEqual(runs.toSorted(), ['a', 'a', 'b']));
    release();
    await queue.add('a');
    await eventually(() => assert.deepEqual(runs.toSorted(), ['a', 'a', 'a', 'b']));
    await eventually(async () => assert.equal(await queue.depth(), 0));
  }).timeout(30_000);

  it('loses no addition that Redis took under a storm of emptyings', async () => {
    const queue = open({}, 1_000);
    const other = open({}, 1_000);
    const starts = new Map<string, number>();
    for (const each of [queue, other]) {
      each.start(async (key) => {
        starts.set(key, performance.now());
        await delay(2);
        return 'done';
      });
    }
    const emptying = (async () => {
      for (let times = 0; times < 8; times += 1) {
        await delay(60);
        await redis.flush();
      }
    })();
    for (let count = 0; count < 300; count += 1) {
      await queue.add(`key-${count % 7}`);
      await delay(1);
    }
    await emptying;
    // What an emptied Redis has lost is its caller's to add again; from then on nothing is.
    const added = performance.now();
    for (let key = 0; key < 7; key += 1) await queue.add(`key-${key}`);
    await eventually(() => {
      for (let key = 0; key < 7; key += 1) assert.ok((starts.get(`key-${key}`) ?? 0) >= added, `key-${key}`);
    }, 10_000);
  }).timeout(40_000);

  it('shares its keys among processes, one at a time each', async () => {
    const inside = new Map<string, number>();
    const workedBy = new Map<number, number>();
    let overlaps = 0;
    const all = [open(), open(), open()];
    for (const [index, queue] of all.entries()) {
      queue.start(async (key) => {
        if ((inside.get(key) ?? 0) > 0) overlaps += 1;
        inside.set(key, (inside.get(key) ?? 0) + 1);
        workedBy.set(index, (workedBy.get(index) ?? 0) + 1);
        await delay(3);
        inside.set(key, (inside.get(key) ?? 0) - 1);
        return 'done';
      });
    }
    await Promise.all(
      all.map(async (queue, index) => {
        for (let count = index; count < 400; count += all.length) await queue.add(`key-${count % 23}`);
      }),
    );
    await eventually(async () => assert.equal(await open().depth(), 0), 10_000);
    assert.equal(overlaps, 0);
    assert.equal(workedBy.size, 3);
  }).timeout(30_000);

  it('gives a delayed key to whoever is there when its time comes', async () => {
    const caller = open();
    await caller.addAfter('later', 300);
    await caller.close();
    const runs = recorded(open());
    await eventually(() => assert.deepEqual(runs, ['later']), 10_000);
  }).timeout(30_000);

  it('closes while Redis is away', async () => {
    const queue = open();
    recorded(queue);
    await queue.add('a');
    await redis.kill();
    const began = Date.now();
    await queue.close();
    assert.ok(Date.now() - began < 8_000);
  }).timeout(30_000);

  it('leaves nothing in Redis but counts when all is done', async () => {
    const queue = open();
    const runs = recorded(queue);
    for (let count = 0; count < 50; count += 1) await queue.add(`key-${count % 5}`);
    await queue.addAfter('later', 10);
    await eventually(() => assert.ok(runs.includes('later')));
    await eventually(async () => assert.equal(await queue.depth(), 0));
    const left = await redis.keys();
    assert.deepEqual(
      left.filter(
        (key) => !/^\{outage\}:work:(meta|events|id|stalled-check|metrics:completed(:data)?|marker)$/.test(key),
      ),
      [],
    );
  });
});

describeWith([REDIS], 'work queue on a Redis with TLS and a password', () => {
  const folder = mkdtempSync(join(tmpdir(), 'acigw-redis-tls-'));
  const files = { cert: join(folder, 'server.pem'), key: join(folder, 'server.key') };
  const queues: WorkQueue[] = [];
  let ca: string;
  let redis: RedisServer;
  const open = (place: RedisPlace): WorkQueue => {
    const means = { prefix: '{tls}', concurrency: 1, takeoverMs: 1_000, clock: systemClock(), random: () => 0 };
    const queue = redisQueue({ redis: { timeoutMs: 800, ...place }, ...means, log: silentLogger });
    queues.push(queue);
    return queue;
  };

  before(async () => {
    const extensions = [
      { name: 'basicConstraints' as const, cA: true },
      { name: 'subjectAltName' as const, altNames: [{ type: 7 as const, ip: '127.0.0.1' }] },
    ];
    const pair = await generate([{ name: 'commonName', value: 'redis of a test' }], { extensions });
    ca = pair.cert;
    writeFileSync(files.cert, pair.cert);
    writeFileSync(files.key, pair.private, { mode: 0o600 });
    const tls = ['--tls-cert-file', files.cert, '--tls-key-file', files.key, '--tls-auth-clients', 'no'];
    redis = await startRedis({ scheme: 'rediss', args: [...tls, '--requirepass', 'pass word'] });
  });
  after(async () => {
    await Promise.all(queues.splice(0).map((queue) => queue.close()));
    await redis.stop();
    rmSync(folder, { recursive: true });
  });

  it('works with the CA of its certificate and the password', async () => {
    const queue = open({ url: redis.url, password: 'pass word', ca });
    let runs = 0;
    queue.start(() => {
      runs += 1;
      return Promise.resolve('done');
    });
    await queue.add('a');
    await eventually(() => assert.equal(runs, 1));
    await open({ url: redis.url.replace('//', '//:pass%20word@'), ca }).add('b');
    await eventually(() => assert.equal(runs, 2));
  });

  it('trusts no certificate that it was not told to trust', async () => {
    await assert.rejects(open({ url: redis.url, password: 'pass word' }).add('a'), (error) => {
      assert.ok(isUnreachable(error));
      assert.match(String(error), /self-signed certificate/);
      return true;
    });
  }).timeout(20_000);

  it('takes a password and a CA that were changed meanwhile, for adding and for working', async () => {
    const other = await generate([{ name: 'commonName', value: 'another redis' }]);
    let secrets = { password: 'before', ca: other.cert };
    const queue = open({ url: redis.url, password: () => secrets.password, ca: () => secrets.ca });
    let runs = 0;
    queue.start(() => {
      runs += 1;
      return Promise.resolve('done');
    });
    await assert.rejects(queue.add('changed'), /self-signed certificate/);
    secrets = { ...secrets, ca };
    await eventually(() => assert.rejects(queue.add('changed'), /WRONGPASS|NOAUTH/), 10_000);
    secrets = { ...secrets, password: 'pass word' };
    let added = 0;
    await eventually(
      async () => {
        // Workers of other tests may take some of them.
        added += 1;
        await queue.add(`changed-${added}`);
        assert.ok(runs > 0);
      },
      { withinMs: 15_000, everyMs: 50 },
    );
  }).timeout(40_000);

  it('says that the password is wrong, without saying it', async () => {
    await assert.rejects(open({ url: redis.url, password: 'wrong one', ca }).add('a'), (error) => {
      assert.ok(isUnreachable(error));
      assert.match(String(error), /WRONGPASS|NOAUTH/);
      assert.doesNotMatch(String(error), /wrong one/);
      return true;
    });
  }).timeout(20_000);
});
