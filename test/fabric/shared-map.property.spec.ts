import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SharedMap } from '#fabric';

const key = fc.integer({ min: 0, max: 400 }).map((number) => `uni/tn-a/epg-${number}/x`);
const changes = fc.array(fc.tuple(key, fc.option(fc.integer(), { nil: undefined })), { maxLength: 40 });

const sorted = (values: Iterable<number>): readonly number[] => [...values].toSorted((a, b) => a - b);

describe('shared map', () => {
  it('is what a map is to which the same was done, and leaves the ones before as they were', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.integer())), fc.array(changes, { maxLength: 5 }), (first, later) => {
        const plain = new Map(first);
        let shared = SharedMap.of(first);
        const before: [SharedMap<number>, ReadonlyMap<string, number>][] = [];
        for (const some of [[], ...later]) {
          shared = shared.with(some);
          for (const [name, value] of some) {
            if (value === undefined) plain.delete(name);
            else plain.set(name, value);
          }
          before.push([shared, new Map(plain)]);
        }
        for (const [one, expected] of before) {
          assert.deepEqual(new Map(one), expected);
          assert.deepEqual(new Set(one.keys()), new Set(expected.keys()));
          assert.deepEqual(sorted(one.values()), sorted(expected.values()));
          const visited = new Map<string, number>();
          one.forEach((value, name) => visited.set(name, value));
          assert.deepEqual(visited, expected);
          assert.equal(one.size, expected.size);
          for (const name of ['uni/tn-a/epg-1/x', 'uni/tn-a/epg-2/x', 'uni']) {
            assert.deepEqual([one.has(name), one.get(name)], [expected.has(name), expected.get(name)]);
          }
        }
      }),
    );
  });
});
