import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { jsonSplitter } from '#ovs';

describe('ovs: JSON objects in a stream', () => {
  it('finds the objects wherever the stream is cut', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(fc.array(object), fc.infiniteStream(fc.integer({ min: 1, max: 9 })), (objects, sizes) => {
        const expected = objects.map((each) => JSON.stringify(each));
        const split = jsonSplitter();
        const found: unknown[] = [];
        for (let rest = expected.join(''); rest !== ''; ) {
          const size = sizes.next().value ?? 1;
          found.push(...split(rest.slice(0, size)));
          rest = rest.slice(size);
        }
        assert.deepEqual(
          found.map((each) => JSON.stringify(each)),
          expected,
        );
      }),
    );
  });
});
