import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Fights } from '../../../workers/drift/fights.js';

const LIMITS = { flips: 3, windowMs: 600_000 };
const HOUR = 3_600_000;

describe('fights', () => {
  it('are never so quick that more repairs than the limit fall into a minute, and never wait for longer than an hour', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2_000_000 }), { maxLength: 60 }), (gaps) => {
        const fights = new Fights(LIMITS);
        const repairs: number[] = [];
        let now = 0;
        for (const gap of gaps) {
          now += gap;
          fights.forget(now);
          const wait = fights.waitMs('key', now);
          assert.ok(wait <= HOUR);
          if (wait > 0) {
            assert.equal(fights.nextEnd(now), now + wait);
            continue;
          }
          fights.repaired('key', now);
          repairs.push(now);
        }
        for (const [index, at] of repairs.entries()) {
          const third = repairs[index + LIMITS.flips];
          if (third !== undefined) assert.ok(third - at >= 60_000, repairs.join());
        }
      }),
    );
  });

  it('are apart from each other', () => {
    const fights = new Fights(LIMITS);
    for (let turn = 0; turn < 3; turn += 1) fights.repaired('one', turn);
    assert.equal(fights.waitMs('one', 3), 60_000);
    assert.equal(fights.waitMs('other', 3), 0);
    assert.equal(fights.nextEnd(3), 60_003);
    assert.equal(fights.nextEnd(60_003), undefined);
  });
});
