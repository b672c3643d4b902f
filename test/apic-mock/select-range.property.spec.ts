import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { selectRange } from '../../apic-mock/query/select-range.js';

describe('apic-mock: a page of an ordered answer', () => {
  const keys = fc.oneof(
    fc.array(fc.nat(20), { maxLength: 600 }),
    fc.array(fc.integer(), { maxLength: 600 }),
    fc.nat(3000).map((count) => Array.from({ length: count }, (_, place) => place)),
    fc.nat(3000).map((count) => Array.from({ length: count }, (_, place) => count - place)),
  );

  it('is what sorting everything would give, equals in the order they came in', () => {
    fc.assert(
      fc.property(keys, fc.nat(3000), fc.nat(700), (values, from, length) => {
        const compare = (a: number, b: number): number => (values[a] ?? 0) - (values[b] ?? 0) || a - b;
        const all = values.map((_, place) => place).sort(compare);
        const to = Math.min(from + length, values.length);
        assert.deepEqual(selectRange(values.length, compare, [from, to]), all.slice(from, Math.max(from, to)));
      }),
      { numRuns: 1000 },
    );
  });

  it('looks at each place hardly more than twice for the first page, on the average', () => {
    const times = 20;
    let compared = 0;
    const compare = (a: number, b: number): number => {
      compared += 1;
      return a - b;
    };
    // Pivots are guessed by chance: one run in some hundreds looks three times.
    for (let time = 0; time < times; time += 1) assert.equal(selectRange(100_000, compare, [0, 500]).length, 500);
    assert.ok(compared < times * 250_000, String(compared / times));
  });
});
