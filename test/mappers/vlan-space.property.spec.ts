import assert from 'node:assert/strict';
import fc from 'fast-check';
import { EMPTY_ALLOCATION, type VlanSpace } from '#model/policy';
import { allocateSpace, EMPTY_SPACE, type NumberChoice, nextRestedVlan } from '../../mappers/vlan-space.js';

// VLANs of one leaf, or of leaves that share them (policy.md §3.9, §3.13). The pool holds six, the groups are eight.

const GROUPS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const POOL = { from: 10, to: 15 };
const SIZE = POOL.to - POOL.from + 1;
const TIME = { now: 0, restFor: 0 };
const none: NumberChoice = { pool: POOL, atProfile: new Map(), time: TIME };

const wanted = fc.subarray(GROUPS);
const history = fc.array(wanted, { minLength: 1, maxLength: 12 });
const atProfile = fc.dictionary(fc.constantFrom(...GROUPS), fc.integer({ min: 8, max: 17 })).map((found) => {
  const numbers = new Set<number>();
  return new Map(Object.entries(found).filter(([, vlan]) => !numbers.has(vlan) && numbers.add(vlan)));
});

const after = (steps: readonly (readonly string[])[], choice = none): VlanSpace =>
  steps.reduce((space, groups) => allocateSpace(groups, space, choice).space, EMPTY_SPACE);

describe('VLANs of a leaf', () => {
  it('are one a group within the pool, and missing only when the pool is full', () => {
    fc.assert(
      fc.property(history, wanted, atProfile, (steps, groups, numbers) => {
        const choice = { pool: POOL, atProfile: numbers, time: TIME };
        const { space, without } = allocateSpace(groups, after(steps, choice), choice);
        const given = [...space.bound.values()];
        assert.equal(new Set(given).size, given.length);
        assert.ok(given.every((vlan) => vlan >= POOL.from && vlan <= POOL.to));
        assert.deepEqual([...space.bound.keys(), ...without].sort(), [...groups].sort());
        assert.equal(given.length, Math.min(groups.length, SIZE));
        const all = [...given, ...[...space.resting.values()].map(({ vlan }) => vlan)];
        assert.equal(new Set(all).size, all.length, 'a number that rests is nobody else’s');
      }),
      { numRuns: 500 },
    );
  });

  it('stay those of a group while it is there, whatever comes and goes beside it', () => {
    fc.assert(
      fc.property(history, wanted, wanted, (steps, first, second) => {
        const before = allocateSpace(first, after(steps), none).space;
        const { bound } = allocateSpace(second, before, none).space;
        for (const [group, vlan] of before.bound) if (second.includes(group)) assert.equal(bound.get(group), vlan);
      }),
      { numRuns: 500 },
    );
  });

  it('come back to a group that returns, while nobody needed the number', () => {
    const before = after([['a', 'b'], ['b']]);
    assert.deepEqual([...before.resting], [['a', { vlan: 10, since: 0 }]]);
    const more = allocateSpace(['b', 'c', 'd'], before, none).space;
    assert.deepEqual([...more.bound.values()], [11, 12, 13], 'new groups get numbers that nobody had');
    assert.equal(allocateSpace(['a', 'b'], more, none).space.bound.get('a'), 10);
  });

  it('are taken from the group that is gone longest when no other is left', () => {
    const before = after([
      ['a', 'b', 'c', 'd'],
      ['b', 'c', 'd'],
      ['c', 'd'],
    ]);
    const { bound, resting } = allocateSpace(['c', 'd', 'e', 'f', 'g'], before, none).space;
    assert.deepEqual([bound.get('e'), bound.get('f'), bound.get('g')], [14, 15, 10]);
    assert.deepEqual([...resting], [['b', { vlan: 11, since: 0 }]]);
  });

  it('are those of the AEP where they can be, and others get those last', () => {
    const numbers = new Map([
      ['a', 14],
      ['b', 10],
      ['z', 11],
    ]);
    const { bound } = allocateSpace(['a', 'c', 'd'], EMPTY_SPACE, { pool: POOL, atProfile: numbers, time: TIME }).space;
    assert.deepEqual(
      [...bound],
      [
        ['a', 14],
        ['c', 12],
        ['d', 13],
      ],
    );
    const full = allocateSpace(GROUPS.slice(2), EMPTY_SPACE, { pool: POOL, atProfile: numbers, time: TIME });
    assert.deepEqual(full.without, []);
  });

  it('rest after their group before another group has them', () => {
    const at = (now: number): NumberChoice => ({ ...none, time: { now, restFor: 60 } });
    const first = allocateSpace(GROUPS.slice(0, SIZE), EMPTY_SPACE, at(0)).space;
    const gone = allocateSpace(GROUPS.slice(1, SIZE), first, at(10)).space;
    const allocation = { ...EMPTY_ALLOCATION, spaces: new Map([['101', gone]]), time: { now: 10, restFor: 60 } };
    assert.equal(nextRestedVlan(allocation, POOL), 70);
    const later = { ...allocation, time: { now: 70, restFor: 60 } };
    assert.equal(nextRestedVlan(later, POOL), undefined, 'what can be given already is nothing to wait for');
    const wants = [...GROUPS.slice(1, SIZE), 'h'];
    const early = allocateSpace(wants, gone, at(69));
    assert.deepEqual(early.without, ['h']);
    assert.deepEqual(
      [...early.space.resting],
      [['a', { vlan: 10, since: 10 }]],
      'waiting does not make it rest longer',
    );
    assert.equal(allocateSpace(wants, early.space, at(70)).space.bound.get('h'), 10);
    assert.equal(nextRestedVlan({ ...allocation, spaces: new Map([['101', first]]) }, POOL), undefined);
  });
});
