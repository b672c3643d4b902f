import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { FIRST_ID, hash32, identify } from '#datapath';

describe('datapath: ids of names', () => {
  it('gives the known hash of a name, so that ids survive releases', () => {
    assert.equal(hash32(''), 2_872_998_923);
    assert.equal(hash32('web'), 87_520_214);
    assert.equal(hash32('web\u0000db'), 2_684_146_388);
  });

  it('gives each name one id, whatever the order and the company', () => {
    const name = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1 }), fc.array(name), (names, others) => {
        const alone = identify(names);
        const together = identify([...others, ...[...names].reverse()]);
        for (const each of names) assert.equal(together.get(each), alone.get(each));
        assert.equal(new Set(alone.values()).size, names.length);
      }),
    );
  });

  it('resolves names that share a hash by their order, and gives no reserved id', () => {
    const colliding = (text: string): number => (text.includes('\u0000') ? hash32(text) : 7);
    const ids = identify(['b', 'a', 'c'], colliding);
    assert.equal(new Set(ids.values()).size, 3);
    for (const id of ids.values()) assert.ok(id >= FIRST_ID);
    assert.deepEqual(identify(['c', 'b', 'a'], colliding), ids);

    const sharing = (text: string): number => (text.includes('\u0000') ? hash32(text) : 99);
    assert.equal(identify(['z', 'm'], sharing).get('m'), 99, 'the first in order keeps the hash');
  });
});
