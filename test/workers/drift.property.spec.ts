import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isStep } from '#fabric';
import { classRow, type FlatObject, isWithin, MARK_KEYS, type ObjectMap, ORCHESTRATOR } from '#model/aci';
import type { DriftPolicy } from '#model/settings';
import { clusterArbitrary } from '#support/cluster-arbitrary';
import { contentOf, DriftStack } from '#support/drift-stack';
import { desired, type PlanWay } from '#support/plan-check';
import { OWN_FABRIC } from '#support/settings';
import { WIDE_POOL } from '#support/verdict-table';

// Random edits of random fabrics: whatever somebody changes, deletes or adds, the policies hold.

const WAY: PlanWay = {
  options: { ...WIDE_POOL, groupBoundary: 'namespace', preSplit: true },
  settings: [OWN_FABRIC, OWN_FABRIC],
  batchSize: 500,
};

interface Edit {
  readonly kind: 'edit' | 'delete' | 'add' | 'foreign';
  readonly at: number;
  readonly field: number;
}

const edits = fc.array(
  fc.record({ kind: fc.constantFrom('edit', 'edit', 'delete', 'add', 'foreign'), at: fc.nat(9999), field: fc.nat(9) }),
  { minLength: 1, maxLength: 8 },
) as fc.Arbitrary<Edit[]>;

/** An owner mark is the claim itself: whoever takes it away takes the object over (decision 1). */
const isOwnerMark = ({ dn }: FlatObject): boolean => dn.endsWith(`[${MARK_KEYS.owner}]`);
/** A mark with the hash of before tells of a rollback, and not of an edit. */
const isHashMark = ({ dn }: FlatObject): boolean => dn.endsWith(`[${MARK_KEYS.hash}]`);

/** Objects that an admin could edit: what the gateway wrote, and still is there. */
const editable = (stack: DriftStack, wanted: ObjectMap): readonly FlatObject[] =>
  [...stack.holds.values()].filter((object) => {
    const want = wanted.get(object.dn);
    return want !== undefined && !isStep(want) && !isOwnerMark(want) && !isHashMark(want);
  });

/** EPGs, inside and outside: where people hang contracts. */
const groups = (stack: DriftStack): readonly FlatObject[] =>
  [...stack.holds.values()].filter(({ className }) => className === 'fvAEPg' || className === 'l3extInstP');

/** Makes the edit; gives what a look at the fabric must find: the Dn and what of it. */
function make(stack: DriftStack, { kind, at, field }: Edit, number: number): string | undefined {
  const wanted = stack.wanted.objects;
  const objects = kind === 'edit' || kind === 'delete' ? editable(stack, wanted) : groups(stack);
  const object = objects[at % objects.length];
  if (object === undefined) return undefined;
  const { className, dn } = object;
  if (kind === 'delete') {
    stack.remove(dn);
    return `${dn} deleted`;
  }
  if (kind === 'edit') {
    const naming = classRow(className)?.naming ?? [];
    const names = Object.keys(wanted.get(dn)?.attributes ?? {}).filter((name) => !naming.includes(name));
    const name = names[field % names.length];
    if (name === undefined) return undefined;
    stack.edit(dn, { [name]: `x${number}` });
    return `${dn} ${name}`;
  }
  const contract = `${kind}-${number}`;
  const mark = kind === 'add' ? { annotation: ORCHESTRATOR } : {};
  stack.add({ className: 'fvRsCons', dn: `${dn}/rscons-${contract}`, attributes: { tnVzBrCPName: contract, ...mark } });
  return kind === 'add' ? `${dn}/rscons-${contract} added` : undefined;
}

/** What the edits left behind, one line each: later ones hide those on the same place, deletions all below. */
function standing(found: readonly string[]): readonly string[] {
  const left: string[] = [];
  for (const line of found) {
    const dn = line.slice(0, line.lastIndexOf(' '));
    const kept = left.filter((other) => {
      const otherDn = other.slice(0, other.lastIndexOf(' '));
      return other !== line && !(line.endsWith(' deleted') && isWithin(otherDn, dn));
    });
    left.splice(0, left.length, ...kept, line);
  }
  return left.sort();
}

const isForeign = ({ dn }: FlatObject): boolean => /foreign-\d+$/.test(dn);
const foreigners = (objects: ObjectMap): readonly FlatObject[] => [...objects.values()].filter(isForeign);

async function converged(wanted: ObjectMap, policy: DriftPolicy): Promise<DriftStack> {
  const rules = [{ class: '*', field: '*', policy }];
  const stack = new DriftStack({ objects: wanted, references: [] }, { rules });
  await stack.run();
  assert.ok(stack.applier.settled);
  stack.posts.length = 0;
  return stack;
}

/** Edits that the policy decides of: the gateway's own marks are always repaired. */
const isDecided = (line: string): boolean => !line.includes('/annotationKey-') && !line.endsWith(' annotation');

const shownAsStanding = (stack: DriftStack): readonly string[] =>
  stack.drift.rows
    .filter(({ state }) => state === 'standing')
    .map(({ dn, field }) => `${dn} ${field}`)
    .sort();

/** The fabric without the gateway's marks, which no policy but repair is for. */
const withoutMarks = (objects: ObjectMap): ReadonlyMap<string, FlatObject> =>
  new Map(
    [...contentOf(objects)].flatMap(([dn, object]): [string, FlatObject][] => {
      const { annotation: _, ...attributes } = object.attributes;
      return object.className === 'tagAnnotation' ? [] : [[dn, { ...object, attributes }]];
    }),
  );

describe('drift worker: any edits of any fabric', () => {
  /** Checks that a fabric under the policy is as it should be after edits; `found` are the edits that are to be seen. */
  const property = (policy: DriftPolicy, check: (stack: DriftStack, found: readonly string[]) => Promise<void>) =>
    fc.assert(
      fc.asyncProperty(clusterArbitrary, edits, async ({ objects }, list) => {
        const stack = await converged(desired(objects, WAY).fabric, policy);
        await check(stack, standing(list.flatMap((edit, number) => make(stack, edit, number) ?? [])));
      }),
      { numRuns: 100 },
    );

  it('repair: the fabric is as desired again, each edit was found once, and nothing foreign was touched', () =>
    property('repair', async (stack, found) => {
      const before = foreigners(stack.holds);
      await stack.run();
      assert.ok(stack.applier.settled);
      assert.deepEqual(foreigners(stack.holds), before);
      const own = new Map([...stack.holds].filter(([, object]) => !isForeign(object)));
      assert.deepEqual(contentOf(own), contentOf(stack.wanted.objects));
      assert.deepEqual(stack.drift.rows.map(({ dn, field }) => `${dn} ${field}`).sort(), found);
      assert.ok(stack.drift.rows.every(({ state }) => state === 'repaired'));
    })).timeout(120_000);

  for (const policy of ['report', 'ignore'] as const) {
    it(`${policy}: nothing is written but marks, and each edit is found exactly once`, () =>
      property(policy, async (stack, found) => {
        const before = stack.holds;
        for (let turn = 0; turn < 3; turn += 1) await stack.run();
        assert.deepEqual(withoutMarks(stack.holds), withoutMarks(before));
        const decided = found.filter(isDecided);
        if (decided.length === found.length) assert.deepEqual(stack.posts, []);
        assert.deepEqual(shownAsStanding(stack), decided);
        const counted = stack.drift.driftCounts.filter((entry) => entry.policy === policy);
        assert.equal(
          counted.reduce((sum, { count }) => sum + count, 0),
          decided.length,
        );
        const told = stack.events.filter(({ reason }) => reason !== 'DriftRepaired');
        if (policy === 'ignore') assert.deepEqual(told, []);
      })).timeout(120_000);
  }

  it('adopt: what was edited stays as it is', () =>
    property('adopt', async (stack, found) => {
      const before = withoutMarks(stack.holds);
      await stack.run();
      assert.deepEqual(withoutMarks(stack.holds), before);
      assert.deepEqual(shownAsStanding(stack), found.filter(isDecided));
    })).timeout(120_000);
});
