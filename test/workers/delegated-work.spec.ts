import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { GatewayError } from '#errors';
import type { Clock, WorkContents, WorkQueue, WorkState } from '#ports';
import { silentLogger, systemClock } from '#runtime';
import { eventually } from '#support/eventually';
import {
  DelegatedWork,
  decodeWork,
  delegatedHandler,
  encodeWork,
  inProcessQueue,
  memoryContents,
  type PerformWork,
} from '#workers';
import type { DelegatedItem } from '../../workers/delegation/delegated-work.js';

const log = silentLogger;
const NEVER = new AbortController().signal;

/** An item that posts an object whose value is to be seen by the worker. */
const item = (key: string, value: string, lane = 'fabric'): DelegatedItem => ({
  key,
  lane,
  content: encodeWork({ kind: 'batch', dn: 'uni', tree: { className: 'polUni', attributes: { value }, children: [] } }),
});

const valueOf = (work: Parameters<PerformWork>[0]): string =>
  work.kind === 'batch' ? (work.tree.attributes['value'] ?? '') : '';

describe('delegated work', () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  interface Stack {
    readonly work: DelegatedWork;
    readonly queue: WorkQueue;
    readonly contents: WorkContents;
    readonly wishes: string[];
  }

  /** A caller and a worker in one process. `perform` is what the worker does. */
  function start(
    perform: PerformWork | undefined,
    options: { patienceMs?: number; leaseMs?: number; clock?: Clock } = {},
  ): Stack {
    const { patienceMs = 30_000, leaseMs = 60_000, clock = systemClock() } = options;
    const contents = memoryContents({ clock, leaseMs });
    const queue = inProcessQueue({ concurrency: 4, clock, random: () => 0, log, deadAfter: 50 });
    const wishes: string[] = [];
    const onWish = (keys: readonly string[]): void => void wishes.push(...keys);
    const work = new DelegatedWork({ contents, queue, clock, log, patienceMs, tries: 3, onWish });
    const stopping = new AbortController();
    const running = work.run(stopping.signal);
    if (perform !== undefined) {
      queue.start(delegatedHandler({ contents, perform, runName: randomUUID, clock, log }));
    }
    ends.push(async () => {
      stopping.abort(new Error('the test is over'));
      await running;
      await queue.close();
    });
    return { work, queue, contents, wishes };
  }

  it('has every item done, each by its own content', async () => {
    const done: string[] = [];
    const { work } = start((content) => {
      done.push(valueOf(content));
      return Promise.resolve();
    });
    const items = ['a', 'b', 'c'].map((key) => item(key, `value of ${key}`));
    const outcomes = await work.do(items, NEVER);
    assert.deepEqual(
      ['a', 'b', 'c'].map((key) => outcomes.get(key)),
      ['a', 'b', 'c'].map(() => ({ kind: 'done' })),
    );
    assert.deepEqual(done.sort(), ['value of a', 'value of b', 'value of c']);
  });

  it('brings back an error that the caller must deal with, as it is, and tries nothing again', async () => {
    let runs = 0;
    const refused = new GatewayError('APIC_REJECTED', 'no such tenant', { disposition: 'park' });
    const slow = new GatewayError('APIC_BUSY', 'come back', { disposition: 'wait', retryAfterMs: 12_345 });
    const { work, queue } = start((content) => {
      runs += 1;
      return Promise.reject(valueOf(content) === 'bad' ? refused : slow);
    });
    const outcomes = await work.do([item('a', 'bad'), item('b', 'slow')], NEVER);
    assert.deepEqual(outcomes.get('a'), {
      kind: 'failed',
      failure: { code: 'APIC_REJECTED', message: 'no such tenant', disposition: 'park' },
    });
    assert.deepEqual(outcomes.get('b'), {
      kind: 'failed',
      failure: { code: 'APIC_BUSY', message: 'come back', disposition: 'wait', retryAfterMs: 12_345 },
    });
    await eventually(async () => assert.equal(await queue.depth(), 0));
    assert.equal(runs, 2);
    assert.deepEqual(await queue.deadLetters(), []);
  });

  it('lets the worker try again what may pass, and gives up after some tries with the last error', async () => {
    const runs = { once: 0, ever: 0 };
    const { work } = start((content) => {
      const kind = valueOf(content) === 'once' ? 'once' : 'ever';
      runs[kind] += 1;
      if (kind === 'once' && runs.once === 2) return Promise.resolve();
      return Promise.reject(new GatewayError('APIC_BUSY', `try ${runs[kind]}`, { disposition: 'retry' }));
    });
    const outcomes = await work.do([item('a', 'once'), item('b', 'ever')], NEVER);
    assert.deepEqual(outcomes.get('a'), { kind: 'done' });
    assert.deepEqual(outcomes.get('b'), {
      kind: 'failed',
      failure: { code: 'APIC_BUSY', message: 'try 3', disposition: 'retry' },
    });
  });

  it('gives up what nobody does, and says what to look at', async () => {
    const { work, contents } = start(undefined, { patienceMs: 300 });
    const outcome = (await work.do([item('a', 'x')], NEVER)).get('a');
    assert.ok(outcome?.kind === 'failed' && outcome.failure.code === 'WORK_NOT_DONE');
    assert.match(outcome.failure.message, /work a: nobody did it within 0 s; is `acigw worker` running/);
    await eventually(async () => assert.deepEqual(await contents.take('a', 'late worker'), { kind: 'nothing' }));
  });

  it('gives out again what was lost with the store', async () => {
    const done: string[] = [];
    const { work, contents, queue } = start(undefined);
    const outcome = work.do([item('a', 'x')], NEVER);
    await eventually(async () => assert.equal((await contents.take('a', 'w0')).kind, 'work'));
    // As a flush: content, claim and report are gone.
    await contents.takeOver();
    const perform: PerformWork = (content) => {
      done.push(valueOf(content));
      return Promise.resolve();
    };
    queue.start(delegatedHandler({ contents, perform, runName: randomUUID, clock: systemClock(), log }));
    assert.deepEqual((await outcome).get('a'), { kind: 'done' });
    assert.deepEqual(done, ['x']);
  });

  it('gives out ever more rarely, to a bound, what a store loses each time, and at once again what one has kept', async () => {
    let uptime = 0;
    let state: WorkState = { kind: 'lost' };
    const putAt: number[] = [];
    const clock = { ...systemClock(), uptime: () => uptime };
    const contents = Object.assign(memoryContents({ clock, leaseMs: 60_000 }), {
      put: () => Promise.resolve(void putAt.push(uptime)),
      states: (revisions: ReadonlyMap<string, number>) =>
        Promise.resolve(new Map([...revisions.keys()].map((key) => [key, state]))),
      // A look takes no time of the test, and at least a millisecond of the clock.
      changed: async (timeoutMs: number, wake: AbortSignal) => {
        await delay(0);
        uptime += wake.aborted ? 1 : timeoutMs;
      },
    });
    const said: string[] = [];
    const work = new DelegatedWork({
      contents,
      queue: { add: () => Promise.resolve() },
      clock,
      log: { ...log, warn: (_fields, message) => said.push(message) },
      patienceMs: Infinity,
      tries: 3,
      onWish: () => undefined,
    });
    const stopping = new AbortController();
    const running = work.run(stopping.signal);
    ends.push(async () => {
      stopping.abort(new Error('the test is over'));
      await running;
    });
    void work.do([item('a', 'x')], NEVER);
    await eventually(() => assert.ok(uptime > 120_000), 5000);
    const between = putAt.slice(1).map((at, index) => at - (putAt[index] ?? 0));
    assert.ok((between[0] ?? Infinity) < 500, `the first time at once: ${between.join()}`);
    assert.ok(putAt.length < 25, `${putAt.length} times in ${uptime} ms`);
    assert.ok(Math.max(...between) <= 11_000, between.join());
    assert.equal(said.length, 1, 'a loss that goes on is said once');
    state = { kind: 'pending' };
    await eventually(() => assert.ok(uptime - (putAt.at(-1) ?? 0) > 60_000), 5000);
    const lostAt = uptime;
    const { length } = putAt;
    state = { kind: 'lost' };
    await eventually(() => assert.ok(putAt.length > length), 5000);
    assert.ok((putAt[length] ?? Infinity) - lostAt < 2000, 'what was kept meanwhile is given out at once');
    assert.equal(said.length, 2);
  });

  it('takes back what its caller does not want any more', async () => {
    const { work, contents } = start(undefined);
    const stop = new AbortController();
    const outcome = work.do([item('a', 'x')], stop.signal);
    await eventually(async () => assert.equal((await contents.states(new Map([['a', 1]]))).size, 1));
    stop.abort(new Error('not now'));
    await assert.rejects(outcome, /not now/);
    await eventually(async () => assert.deepEqual(await contents.take('a', 'w1'), { kind: 'nothing' }));
  });

  it('never lets an old content come after a newer one of its lane', async () => {
    const log: string[] = [];
    const slow = { end: (): void => undefined };
    const { work } = start(
      async (content) => {
        const value = valueOf(content);
        // A worker that does not hear that it should stop.
        if (value === 'old') await new Promise<void>((resolve) => (slow.end = resolve));
        log.push(value);
      },
      { leaseMs: 60_000 },
    );
    const stop = new AbortController();
    const old = work.do([item('a', 'old')], stop.signal);
    await delay(50);
    stop.abort(new Error('planned anew'));
    await assert.rejects(old);
    // Another key about the same fabric, and one about something else.
    const newer = work.do([item('b', 'new')], NEVER);
    const other = work.do([item('c', 'elsewhere', 'node/n1')], NEVER);
    await other;
    await delay(600);
    assert.deepEqual(log, ['elsewhere']);
    slow.end();
    await newer;
    assert.deepEqual(log, ['elsewhere', 'old', 'new']);
  });

  it('waits for workers that may still be at the work of a caller before', async () => {
    const clock = systemClock();
    const waitMs = 400;
    const takeOver = (): Promise<number> => Promise.resolve(waitMs);
    const contents = Object.assign(memoryContents({ clock, leaseMs: 60_000 }), { takeOver });
    const queue = inProcessQueue({ concurrency: 4, clock, random: () => 0, log, deadAfter: 50 });
    const work = new DelegatedWork({
      contents,
      queue,
      clock,
      log,
      patienceMs: 30_000,
      tries: 3,
      onWish: () => undefined,
    });
    const stopping = new AbortController();
    const running = work.run(stopping.signal);
    let beganAt = 0;
    const perform: PerformWork = () => {
      beganAt = clock.now();
      return Promise.resolve();
    };
    queue.start(delegatedHandler({ contents, perform, runName: randomUUID, clock, log }));
    ends.push(async () => {
      stopping.abort(new Error('the test is over'));
      await running;
      await queue.close();
    });
    const askedAt = clock.now();
    await work.do([item('a', 'x')], NEVER);
    assert.ok(beganAt - askedAt >= waitMs - 5, `after ${beganAt - askedAt} ms`);
  });

  it('lets nobody at a newer content before the lease is over of a worker that was stopped for it', async () => {
    const leaseMs = 800;
    const contents = memoryContents({ clock: systemClock(), leaseMs });
    const { content } = item('a', 'x');
    let end = 0;
    // What it was sent is done late, whether anybody waits for it or not.
    const perform: PerformWork = (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    const handler = delegatedHandler({ contents, perform, runName: randomUUID, clock: systemClock(), log });
    await contents.put('a', content, 1);
    const began = performance.now();
    const run = handler('a', NEVER).catch(() => undefined);
    await delay(leaseMs * 0.1);
    await contents.put('a', content, 2);
    while ((await contents.take('a', 'other')).kind !== 'work') await delay(10);
    end = performance.now();
    assert.ok(end - began > leaseMs * 0.95, `${end - began} ms`);
    await run;
  });

  it('stops a worker before its lease is over, and does not begin after a sleep', async () => {
    let began = 0;
    const reasons: string[] = [];
    const { work } = start(
      (_, signal) => {
        began += 1;
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push((signal.reason as GatewayError).code);
            reject(signal.reason as Error);
          });
        });
      },
      { leaseMs: 200 },
    );
    const outcome = (await work.do([item('a', 'x')], NEVER)).get('a');
    assert.ok(outcome?.kind === 'failed' && outcome.failure.code === 'WORK_LEASE_OVER');
    assert.deepEqual(
      reasons,
      Array.from({ length: began }, () => 'WORK_LEASE_OVER'),
    );
    let now = 0;
    const sleepy: Clock = { now: () => (now += 100_000), uptime: () => 0, sleep: () => Promise.resolve() };
    const handler = delegatedHandler({
      contents: {
        ...memoryContents({ clock: systemClock(), leaseMs: 1_000 }),
        leaseMs: 1_000,
        take: () => Promise.resolve({ kind: 'work', content: item('a', 'x').content, revision: 1 }),
        report: () => Promise.resolve(),
      },
      perform: () => assert.fail('begun after its lease'),
      runName: randomUUID,
      clock: sleepy,
      log: silentLogger,
    });
    await assert.rejects(handler('a', NEVER), /longer than its lease/);
  });

  it('says of work of another version what to do, and does not park it', async () => {
    const { work } = start(() => Promise.resolve());
    const outcome = (await work.do([{ key: 'a', lane: 'a', content: '{"schema":99}' }], NEVER)).get('a');
    assert.ok(outcome?.kind === 'failed' && outcome.failure.disposition === 'wait');
    assert.match(outcome.failure.message, /work a: field .*; run gateway and workers of one version/);
    assert.deepEqual(decodeWork(encodeWork({ kind: 'node', node: 'n1' }), 'k'), {
      schema: 1,
      kind: 'node',
      node: 'n1',
    });
  });

  it('hears what people wish to see tried again', async () => {
    const { contents, wishes } = start(() => Promise.resolve());
    await contents.wish(['batch/uni/tn-a']);
    await eventually(() => assert.deepEqual(wishes, ['batch/uni/tn-a']));
  });
});
