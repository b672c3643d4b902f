import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '#ports';
import { silentLogger, systemClock } from '#runtime';
import { eventually } from '#support/eventually';
import { ManualClock } from '#support/manual-clock';
import { DelegatedWork, memoryContents } from '#workers';
import type { DelegatedOutcome } from '../../workers/delegation/delegated-work.js';
import { Lanes } from '../../workers/delegation/lanes.js';

const HOUR_MS = 3_600_000;
const NEVER = new AbortController().signal;

describe('delegated work while the clock is put back', () => {
  let aheadMs: number;
  let clock: Clock;
  let puts: string[];
  let stop: () => Promise<void>;

  /** A caller that took over from one whose work may go on for so long, and has no workers. */
  function start(leftMs: number, patienceMs: number): DelegatedWork {
    const kept = memoryContents({ clock, leaseMs: 60_000 });
    const contents = Object.assign(kept, {
      takeOver: () => Promise.resolve(leftMs),
      put: (key: string) => Promise.resolve(void puts.push(key)),
      states: () => Promise.resolve(new Map()),
    });
    const queue = { add: () => Promise.resolve() };
    const work = new DelegatedWork({
      contents,
      queue,
      clock,
      log: silentLogger,
      patienceMs,
      tries: 3,
      onWish: () => undefined,
    });
    const stopping = new AbortController();
    const running = work.run(stopping.signal);
    stop = async () => {
      stopping.abort(new Error('the test is over'));
      await running;
    };
    return work;
  }

  beforeEach(() => {
    aheadMs = 0;
    const real = systemClock();
    clock = { ...real, now: () => real.now() + aheadMs };
    puts = [];
  });

  it('is put once the work of the caller before is over', async () => {
    const work = start(200, 60_000);
    await delay(20);
    void work.do([{ key: 'a', content: 'x', lane: 'a' }], NEVER);
    aheadMs = -HOUR_MS;
    await eventually(() => assert.deepEqual(puts, ['a']), 2000);
    await stop();
  });

  it('is given up when nothing was heard of it for too long', async () => {
    const work = start(0, 200);
    let outcomes: ReadonlyMap<string, DelegatedOutcome> | undefined;
    void work.do([{ key: 'a', content: 'x', lane: 'a' }], NEVER).then((all) => {
      outcomes = all;
    });
    aheadMs = -HOUR_MS;
    await eventually(() => assert.equal(outcomes?.get('a')?.kind, 'failed'), 2000);
    await stop();
  });

  it('keeps no lane closed after the last worker can be at it', async () => {
    const manual = new ManualClock();
    const lanes = new Lanes({ withdraw: () => Promise.resolve(1000) }, manual);
    lanes.abandon({ key: 'a', lane: 'fabric' }, 1);
    await lanes.withdraw();
    manual.set(-HOUR_MS);
    manual.pass(1000);
    await lanes.withdraw();
    assert.ok(!lanes.isClosed('fabric'));
  });

  it('keeps no content taken after the lease of whoever took it', async () => {
    const manual = new ManualClock();
    const contents = memoryContents({ clock: manual, leaseMs: 1000 });
    await contents.put('a', 'old', 1);
    await contents.take('a', 'gone');
    await contents.put('a', 'new', 2);
    manual.set(-HOUR_MS);
    manual.pass(1000);
    assert.equal((await contents.take('a', 'other')).kind, 'work');
  });
});
