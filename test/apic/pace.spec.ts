import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { Pace, type PaceSample } from '../../src/apic/pace.js';

const MOST = 6;
const middle = (): number => 0.5;

/** A pace and a clock that requests of a test move. */
function paced(): { pace: Pace; now: () => number; request: (took: number, more?: Partial<PaceSample>) => void } {
  const pace = new Pace(MOST, middle);
  let time = 1000;
  return {
    pace,
    now: () => time,
    request: (took, more = {}) => {
      time += 1;
      const startedAt = time;
      time += took;
      pace.learn({ kind: 'writes', startedAt, endedAt: time, overloaded: false, ...more });
    },
  };
}

describe('apic: the pace that an APIC takes', () => {
  it('begins in the middle and grows by one for a round of good answers, up to the most', () => {
    const { pace, request } = paced();
    assert.equal(pace.atOnce, 4);
    for (let answers = 0; answers < 5; answers += 1) request(10);
    assert.equal(pace.atOnce, 5);
    for (let answers = 0; answers < 100; answers += 1) request(10);
    assert.equal(pace.atOnce, MOST);
  });

  it('is halved by a refusal, and never less than one', () => {
    const { pace, request } = paced();
    request(10, { overloaded: true });
    assert.equal(pace.atOnce, 2);
    for (let refusals = 0; refusals < 10; refusals += 1) request(10, { overloaded: true });
    assert.equal(pace.atOnce, 1);
    assert.ok(pace.refused);
    request(10);
    assert.ok(!pace.refused);
  });

  it('counts the refusals of one round as one', () => {
    const { pace, now } = paced();
    const startedAt = now();
    for (let one = 1; one <= 4; one += 1) {
      pace.learn({ kind: 'writes', startedAt, endedAt: startedAt + one, overloaded: true });
    }
    assert.equal(pace.atOnce, 2);
  });

  it('does not take an answer to what began before a refusal for a good sign', () => {
    const { pace, now } = paced();
    const startedAt = now();
    pace.learn({ kind: 'writes', startedAt, endedAt: startedAt + 5, overloaded: true });
    for (let one = 0; one < 10; one += 1) {
      pace.learn({ kind: 'writes', startedAt, endedAt: startedAt + 10, overloaded: false });
    }
    assert.equal(pace.atOnce, 2);
    assert.ok(pace.refused);
  });

  it('pauses after a refusal, longer each time, ten seconds at most', () => {
    const { pace, now, request } = paced();
    const pauses: number[] = [];
    for (let refusals = 0; refusals < 9; refusals += 1) {
      request(1, { overloaded: true });
      pauses.push(pace.pausedUntil - now());
    }
    assert.deepEqual(pauses.slice(0, 4), [75, 150, 300, 600]);
    assert.equal(pauses.at(-1), 7500);
    const { pausedUntil } = pace;
    request(1);
    request(1, { overloaded: true });
    assert.equal(pace.pausedUntil, pausedUntil, 'a pause in force is not made shorter');
  });

  it('pauses as long as the APIC asks, a minute at most', () => {
    const { pace, now, request } = paced();
    request(1, { overloaded: true, retryAfterMs: 7000 });
    assert.equal(pace.pausedUntil, now() + 7000);
    request(1, { overloaded: true, retryAfterMs: 86_400_000 });
    assert.equal(pace.pausedUntil, now() + 60_000);
  });

  it('falls when answers become slow by what is usual for their kind, and not for kinds that always are', () => {
    const { pace, request } = paced();
    for (let answers = 0; answers < 30; answers += 1) request(3000, { kind: 'reads' });
    assert.equal(pace.atOnce, MOST, 'a listing takes its time');
    for (let answers = 0; answers < 30; answers += 1) request(100);
    assert.equal(pace.atOnce, MOST);
    for (let answers = 0; answers < 20; answers += 1) request(5000);
    assert.ok(pace.atOnce < MOST, `${pace.atOnce}`);
    assert.equal(pace.pausedUntil, 0);
  });

  it('takes what stays slow for usual in the end', () => {
    const { pace, request } = paced();
    request(300);
    for (let answers = 0; answers < 200; answers += 1) request(2000);
    assert.equal(pace.atOnce, MOST);
  });

  it('stays within its bounds whatever happens', () => {
    const sample = fc.record({
      kind: fc.constantFrom('reads', 'writes', 'refreshes'),
      startedAt: fc.nat(100_000),
      took: fc.nat(40_000),
      overloaded: fc.boolean(),
      retryAfterMs: fc.option(fc.nat(1_000_000), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(sample), (samples) => {
        const pace = new Pace(MOST, middle);
        let latest = 0;
        for (const { took, ...rest } of samples) {
          const endedAt = rest.startedAt + took;
          latest = Math.max(latest, endedAt);
          pace.learn({ ...rest, endedAt });
          assert.ok(pace.atOnce >= 1 && pace.atOnce <= MOST);
          assert.ok(pace.pausedUntil <= latest + 60_000);
        }
      }),
    );
  });
});
