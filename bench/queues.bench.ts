// The two work queues in one run: BullMQ on a local Redis against the queue in the process, handlers that do nothing.
//
//   keys/s     20,000 different keys, added 500 at a time while 50 places work; from the first addition to the last end
//   latency    from the call of `add` to the start of the run, one key at a time on an idle queue, 1,000 times
//
//   BullMQ     at least 2,000 keys/s; start p50 at most 5 ms, p99 at most 50 ms
//   ratio      of keys/s, in process to BullMQ: printed, no limit. It says what a hand-over costs, not what is too much: a
//              POST to an APIC takes a hundred times as long.
//
// Found, two cores with much other work on them (load 7 to 8), Redis 7.0 on the same machine, three runs:
//   in process   239,000 to 327,000 keys/s; start p50 1 µs, p99 6 µs
//   BullMQ       4,200 to 6,300 keys/s; start p50 0.4 ms, p99 3.8 to 7.2 ms
//   ratio        43 to 75
import { performance } from 'node:perf_hooks';
import type { WorkQueue } from '#ports';
import { redisQueue } from '#queue';
import { silentLogger, systemClock } from '#runtime';
import { startRedis } from '#support/redis-server';
import { inProcessQueue } from '#workers';
import { judge, percentile } from './figures.js';

const KEYS = 20_000;
const AT_A_TIME = 500;
const CONCURRENCY = 50;
const SINGLE_KEYS = 1_000;

/** Keys a second through a queue that works meanwhile. */
async function throughput(queue: WorkQueue): Promise<number> {
  let ended = 0;
  let finish = (): void => undefined;
  const all = new Promise<void>((resolve) => {
    finish = resolve;
  });
  queue.start(() => {
    ended += 1;
    if (ended === KEYS) finish();
    return Promise.resolve('done');
  });
  const began = performance.now();
  for (let first = 0; first < KEYS; first += AT_A_TIME) {
    await Promise.all(Array.from({ length: AT_A_TIME }, (_, index) => queue.add(`key-${first + index}`)));
  }
  await all;
  return (KEYS / (performance.now() - began)) * 1000;
}

/** Milliseconds from each addition to the start of its run, on a queue with nothing else to do. */
async function latencies(queue: WorkQueue): Promise<readonly number[]> {
  let started: ((at: number) => void) | undefined;
  queue.start(() => {
    started?.(performance.now());
    return Promise.resolve('done');
  });
  const found: number[] = [];
  for (let count = 0; count < SINGLE_KEYS; count += 1) {
    const start = new Promise<number>((resolve) => {
      started = resolve;
    });
    const added = performance.now();
    await queue.add(`key-${count}`);
    found.push((await start) - added);
  }
  return found;
}

const means = { clock: systemClock(), random: Math.random, log: silentLogger, concurrency: CONCURRENCY };
const redis = await startRedis();
let count = 0;
const kinds: Readonly<Record<string, () => WorkQueue>> = {
  'in process': () => inProcessQueue(means),
  BullMQ: () => {
    count += 1;
    return redisQueue({ ...means, redis: { url: redis.url }, prefix: `{bench-${count}}`, takeoverMs: 15_000 });
  },
};
const rates = new Map<string, number>();
for (const [name, open] of Object.entries(kinds)) {
  const [busy, idle] = [open(), open()];
  const rate = await throughput(busy);
  const times = await latencies(idle);
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
  rates.set(name, rate);
  console.log(`${name}: ${rate.toFixed(0)} keys/s; add to start p50 ${p50.toFixed(3)} ms, p99 ${p99.toFixed(3)} ms`);
  if (name === 'BullMQ') {
    judge('BullMQ: keys/s', rate, { atLeast: 2_000 });
    judge('BullMQ: add to start, p50 (ms)', p50, { atMost: 5 });
    judge('BullMQ: add to start, p99 (ms)', p99, { atMost: 50 });
  }
  await Promise.all([busy.close(), idle.close()]);
}
const ratio = (rates.get('in process') ?? 0) / (rates.get('BullMQ') ?? 1);
console.log(`in process / BullMQ: ${ratio.toFixed(1)} times the keys/s`);
await redis.stop();
