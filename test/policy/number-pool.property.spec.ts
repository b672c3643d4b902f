import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NumberPool } from '../../src/policy/number-pool.js';

// VLANs and VNIs of groups (policy.md §3.9). The range holds three, the groups are eight.

const GROUPS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const RANGE = { from: 10, to: 12 };
const SIZE = RANGE.to - RANGE.from + 1;
const REST = 60;

const step = fc.record({
  group: fc.constantFrom(...GROUPS),
  wanted: fc.boolean(),
  pause: fc.constantFrom(0, 1, 20, 59, 60, 200),
});

describe('numbers of groups', () => {
  it('are one a group, stay while it is in use, and rest after it before another group has them', () => {
    let [waited, reused, returned] = [0, 0, 0];
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const pool = new NumberPool({ range: RANGE, restFor: REST });
        const inUse = new Set<string>();
        /** Who had a number last, and until when. */
        const last = new Map<number, { readonly group: string; readonly until: number }>();
        let now = 0;
        for (const { group, wanted, pause } of steps) {
          now += pause;
          const before = new Map([...inUse].map((name) => [name, pool.of(name)]));
          if (wanted && !inUse.has(group)) pool.want(group);
          if (!wanted && inUse.has(group)) pool.rest(group, now);
          const gone = before.get(group);
          if (!wanted && gone !== undefined) last.set(gone, { group, until: now });
          inUse[wanted ? 'add' : 'delete'](group);
          pool.serve(now);
          const given = [...inUse].flatMap((name) => pool.of(name) ?? []);
          assert.equal(new Set(given).size, given.length, 'no two groups have one number');
          assert.ok(given.every((number) => number >= RANGE.from && number <= RANGE.to));
          for (const [name, number] of before) {
            if (inUse.has(name) && number !== undefined)
              assert.equal(pool.of(name), number, 'a group keeps its number');
          }
          for (const name of inUse) {
            const number = pool.of(name);
            const had = number === undefined || before.get(name) !== undefined ? undefined : last.get(number);
            if (had === undefined) continue;
            if (had.group === name) returned += 1;
            else {
              assert.ok(now - had.until >= REST, 'a number rests');
              reused += 1;
            }
          }
          const without = [...inUse].filter((name) => pool.of(name) === undefined).sort();
          assert.deepEqual(pool.without(), without);
          if (without.length > 0) {
            waited += 1;
            const young = [...last].filter(([number, { until }]) => !given.includes(number) && now - until < REST);
            assert.equal(given.length + young.length, SIZE, 'a group waits only while every number is taken or rests');
            const due = pool.nextRested;
            if (young.length === 0) assert.equal(due, undefined);
            else assert.equal(due, Math.min(...young.map(([, { until }]) => until)) + REST);
          }
        }
      }),
      { numRuns: 2000 },
    );
    assert.ok(waited > 300 && reused > 50 && returned > 30, JSON.stringify({ waited, reused, returned }));
  });

  it('of an earlier run rest from the first time that is told', () => {
    const pool = new NumberPool({ range: { from: 1, to: 1 }, restFor: REST });
    pool.adopt('old', 1, undefined);
    pool.want('new');
    assert.deepEqual(pool.serve(1000), []);
    assert.equal(pool.nextRested, 1000 + REST);
    assert.deepEqual(pool.serve(1000 + REST), ['new']);
    assert.equal(pool.of('old'), undefined);
  });

  it('outside the range, and those that another group has, are not taken over', () => {
    const pool = new NumberPool({ range: RANGE, restFor: 0 });
    pool.adopt('a', 10, 0);
    pool.adopt('b', 10, 0);
    pool.adopt('c', 13, 0);
    assert.deepEqual([pool.of('a'), pool.of('b'), pool.of('c')], [10, undefined, undefined]);
  });

  it('that mean something else in places are given last', () => {
    const pool = new NumberPool({ range: RANGE, restFor: 0, avoided: new Set([10, 11]) });
    for (const name of GROUPS) pool.want(name);
    pool.serve(0);
    assert.equal(pool.of('a'), 12);
    assert.deepEqual(new Set([pool.of('b'), pool.of('c'), pool.of('d')]), new Set([10, 11, undefined]));
  });

  it('without a range are what they were, and no others', () => {
    const pool = new NumberPool({ range: undefined, restFor: 0 });
    pool.adopt('a', 77, 0);
    pool.want('a');
    pool.want('b');
    assert.deepEqual(pool.serve(5), []);
    assert.deepEqual([pool.of('a'), pool.of('b'), pool.without()], [77, undefined, []]);
  });
});
