import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Lease, LeaseStore, StoredLease } from '#ports';
import { Leadership, silentLogger } from '#runtime';
import { ManualClock } from '#support/manual-clock';

const SECONDS = 15;

/** What becomes of one request. */
type Fate = 'done' | 'refused' | 'answer lost' | 'late';

/** Keeps the lease of all candidates in memory, with the fates that a test wants. */
class SharedLease {
  stored: StoredLease | undefined;
  #versions = 0;
  puts = 0;

  as(clock: ManualClock, fate: () => Fate): LeaseStore {
    const pass = async <Value>(work: () => Value): Promise<Value> => {
      const what = fate();
      if (what === 'refused') throw new Error('the server is away');
      if (what === 'late') await clock.sleep(2000);
      const value = work();
      if (what === 'answer lost') throw new Error('the connection broke');
      return value;
    };
    return {
      read: () => pass(() => this.stored),
      put: (lease, instead) => pass(() => this.#put(lease, instead)),
      close: () => undefined,
    };
  }

  #put(lease: Lease, instead: StoredLease | undefined): boolean {
    if (instead?.version !== this.stored?.version) return false;
    this.#versions += 1;
    this.puts += 1;
    this.stored = { ...lease, version: `${this.#versions}` };
    return true;
  }
}

describe('who of several gateways leads', () => {
  let clock: ManualClock;
  let lease: SharedLease;
  const stopping: AbortController[] = [];

  beforeEach(() => {
    clock = new ManualClock();
    lease = new SharedLease();
  });
  afterEach(() => {
    for (const one of stopping.splice(0)) one.abort(new Error('the test has ended'));
  });

  const stores = new Map<string, LeaseStore>();
  const candidate = (identity: string, fate: () => Fate = () => 'done', random = () => 0.5): Leadership => {
    const store = lease.as(clock, fate);
    stores.set(identity, store);
    return new Leadership({
      store,
      identity,
      seconds: SECONDS,
      clock,
      random,
      log: silentLogger,
    });
  };

  /** Leads whenever it can, until the test has ended. */
  const run = (leadership: Leadership): AbortController => {
    const stop = new AbortController();
    stopping.push(stop);
    void (async () => {
      while (!stop.signal.aborted) {
        await leadership.acquire(stop.signal).catch(() => undefined);
        await leadership.keep(stop.signal);
      }
    })();
    return stop;
  };

  it('gives a lease back that it was stopped on the way to', async () => {
    const stop = new AbortController();
    const taking = candidate('a', () => 'late');
    const stopped = assert.rejects(taking.acquire(stop.signal), /stopped/);
    await clock.advance(3000);
    stop.abort(new Error('stopped'));
    await clock.advance(3000);
    await stopped;
    assert.equal(lease.stored?.holder, 'a', 'the request came through all the same');
    const released = taking.release(new AbortController().signal);
    await clock.advance(10_000);
    await released;
    assert.equal(lease.stored?.holder, '');
  });

  it('gives the lease back though a renewal of before comes in between', async () => {
    const isLate = { puts: false };
    let requests = 0;
    const one = candidate('one', () => {
      requests += 1;
      return isLate.puts && requests % 2 === 0 ? 'late' : 'done';
    });
    await one.acquire(new AbortController().signal);
    const stop = new AbortController();
    const kept = one.keep(stop.signal);
    isLate.puts = true;
    await clock.advance(SECONDS * 1000 * (2 / 15) * 1.1 + 1000);
    assert.equal(requests, 4, 'a renewal is on its way');
    stop.abort(new Error('stopped'));
    const released = one.release(new AbortController().signal);
    await clock.advance(10_000);
    await Promise.all([kept, released]);
    assert.equal(lease.stored?.holder, '');
  });

  it('is the first, for as long as it renews; the next one when that has ended, and the lease with it', async () => {
    const [one, two] = [candidate('one'), candidate('two')];
    const first = run(one);
    await clock.advance(100);
    run(two);
    await clock.advance(100_000);
    assert.deepEqual([one.leads, two.leads, two.holder], [true, false, 'one']);
    first.abort(new Error('killed'));
    await clock.advance(SECONDS * 1000 - 3000);
    assert.equal(two.leads, false, 'the first could still be at it');
    await clock.advance(6000);
    assert.deepEqual([one.leads, two.leads], [false, true]);
    assert.equal(lease.stored?.transitions, 1);
  });

  it('is the next one at once when the lease is given back', async () => {
    const [one, two] = [candidate('one'), candidate('two')];
    const first = run(one);
    await clock.advance(100);
    run(two);
    await clock.advance(10_000);
    first.abort(new Error('stopped'));
    await one.release(new AbortController().signal);
    await clock.advance(3000);
    assert.deepEqual([one.leads, two.leads], [false, true]);
  });

  it('gives up, before anybody else can lead, when it cannot renew', async () => {
    let isAway = false;
    const [one, two] = [candidate('one', () => (isAway ? 'refused' : 'done')), candidate('two')];
    await one.acquire(new AbortController().signal);
    const kept = one.keep(new AbortController().signal);
    run(two);
    await clock.advance(5000);
    isAway = true;
    let hasEnded = false;
    void kept.then(() => {
      hasEnded = true;
    });
    await clock.advance(SECONDS * 1000 * 0.3);
    assert.deepEqual([hasEnded, two.leads], [false, false], 'a short trouble ends nothing');
    await clock.advance(SECONDS * 1000 * 0.4);
    assert.deepEqual([hasEnded, one.leads, two.leads], [true, false, false]);
    await clock.advance(SECONDS * 1000);
    assert.equal(two.leads, true);
  });

  it('gives up in time, too, when the store does not answer at all, and an answer that comes later changes nothing', async () => {
    const one = candidate('one');
    await one.acquire(new AbortController().signal);
    const silent: LeaseStore = {
      read: () => new Promise((resolve) => (answer = () => resolve(lease.stored))),
      put: () => Promise.resolve(true),
      close: () => undefined,
    };
    let answer = (): void => undefined;
    Object.assign(stores.get('one') ?? {}, silent);
    let hasEnded = false;
    const kept = one.keep(new AbortController().signal).then(() => {
      hasEnded = true;
    });
    await clock.advance((SECONDS * 1000 * 2) / 3 + 1);
    assert.deepEqual([hasEnded, one.leads], [true, false]);
    answer();
    await kept;
    await clock.advance(1000);
    assert.equal(one.leads, false);
  });

  it('says why the lease cannot be had for as long as that is so, also where another one leads', async () => {
    let isAway = false;
    const [one, two] = [candidate('one'), candidate('two', () => (isAway ? 'refused' : 'done'))];
    run(one);
    await clock.advance(100);
    run(two);
    assert.equal(two.trouble, undefined);
    isAway = true;
    await clock.advance(5000);
    assert.equal(two.trouble, 'the server is away');
    isAway = false;
    await clock.advance(5000);
    assert.deepEqual([two.trouble, two.leads, two.holder], [undefined, false, 'one']);
  });

  it('is not another one because somebody set a clock', async () => {
    let fate: Fate = 'done';
    const [one, two] = [candidate('one', () => fate), candidate('two')];
    run(one);
    await clock.advance(100);
    const looking = two.acquire(new AbortController().signal).then(() => assert.fail('it leads'));
    void looking.catch(() => undefined);
    await clock.advance(4000);
    fate = 'refused';
    clock.set(SECONDS * 1000);
    await clock.advance(3000);
    assert.equal(two.leads, false, 'the clock of the one that waits was set forward');
  });

  it('leads no longer although its clock was set back', async () => {
    const one = candidate('one');
    await one.acquire(new AbortController().signal);
    clock.set(-SECONDS * 1000);
    clock.pass(SECONDS * 1000);
    assert.equal(one.leads, false);
  });

  it('does not believe that it leads after a pause that was longer than the lease', async () => {
    const one = candidate('one');
    await one.acquire(new AbortController().signal);
    clock.pass(SECONDS * 1000);
    assert.equal(one.leads, false);
  });

  it('property: is never two at a time, whatever becomes of requests, and is one again soon after', async () => {
    const fates = fc.infiniteStream(
      fc.oneof(
        { weight: 6, arbitrary: fc.constant<Fate>('done') },
        { weight: 2, arbitrary: fc.constant<Fate>('refused') },
        { weight: 1, arbitrary: fc.constant<Fate>('answer lost') },
        { weight: 1, arbitrary: fc.constant<Fate>('late') },
      ),
    );
    const steps = fc.array(
      fc.oneof(
        { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(20_000) }) },
        { weight: 2, arbitrary: fc.record({ kind: fc.constant('kill' as const), which: fc.nat(2) }) },
        {
          weight: 1,
          arbitrary: fc.record({ kind: fc.constant('away' as const), which: fc.nat(2), ms: fc.nat(30_000) }),
        },
      ),
      { minLength: 10, maxLength: 30 },
    );
    let changes = 0;
    await fc.assert(
      fc.asyncProperty(
        fates,
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        steps,
        async (fate, dice, list) => {
          clock = new ManualClock();
          lease = new SharedLease();
          let isStormy = true;
          const away = new Map<number, number>();
          const random = (): number => dice.next().value;
          const start = (which: number): { readonly leadership: Leadership; readonly stop: AbortController } => {
            const next = (): Fate => {
              if (clock.now() < (away.get(which) ?? 0)) return 'refused';
              return isStormy ? fate.next().value : 'done';
            };
            const leadership = candidate(`${which}-${random()}`, next, random);
            return { leadership, stop: run(leadership) };
          };
          const running = [start(0), start(1), start(2)];
          const check = (): void => {
            const leading = running.filter(({ leadership }) => leadership.leads);
            assert.ok(leading.length <= 1, `${leading.length} lead`);
          };
          for (const step of list) {
            if (step.kind === 'kill') {
              running[step.which]?.stop.abort(new Error('killed'));
              running[step.which] = start(step.which);
            } else if (step.kind === 'away') away.set(step.which, clock.now() + step.ms);
            else {
              for (let passed = 0; passed < step.ms; passed += 250) {
                await clock.advance(250);
                check();
              }
            }
          }
          isStormy = false;
          away.clear();
          await clock.advance(SECONDS * 1000 * 2.5);
          assert.equal(running.filter(({ leadership }) => leadership.leads).length, 1);
          changes += lease.stored?.transitions ?? 0;
          for (const { stop } of running) stop.abort(new Error('the case has ended'));
        },
      ),
      { numRuns: 200 },
    );
    assert.ok(changes > 100, `it changed hands only ${changes} times`);
  }).timeout(60_000);
});
