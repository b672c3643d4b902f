import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type Batch,
  type BatchLimits,
  batchesOf,
  type Change,
  changesOf,
  difference,
  type FabricPlan,
  planFabric,
  unitDn,
  wavesOf,
} from '#fabric';
import { flatten, isWithin, MARK_KEYS, markDn, type ObjectMap, parentDn, splitDn, toWire } from '#model/aci';
import { clusterArbitrary } from '#support/cluster-arbitrary';
import { desired, type PlanWay } from '#support/plan-check';
import { afterBatch } from '#support/plan-steps';
import { OWN_FABRIC } from '#support/settings';
import { WIDE_POOL } from '#support/verdict-table';

const way = (vzAnyContracts: 'always' | 'never'): PlanWay => ({
  options: { ...WIDE_POOL, groupBoundary: 'namespace', preSplit: false },
  settings: [OWN_FABRIC, { ...OWN_FABRIC, vzAnyContracts }],
  batchSize: 25,
});

/** Two states of a fabric, the first of them sometimes empty, and limits from one object to more than all. */
const cases = fc
  .record({
    from: fc.option(clusterArbitrary),
    to: clusterArbitrary,
    how: fc.constantFrom('always' as const, 'never' as const),
    objects: fc.constantFrom(1, 5, 17, 60, 500),
    bytes: fc.constantFrom(undefined, 300, 2000, 9000, 500_000),
  })
  .map(({ from, to, how, objects, bytes }) => {
    const before = from === null ? undefined : desired(from.objects, way(how));
    const wanted = desired(to.objects, way(how), before).fabric;
    const actual: ObjectMap = before?.fabric ?? new Map();
    return { wanted, actual, limits: { objects, bytes } };
  });

const planBetween = (wanted: ObjectMap, actual: ObjectMap, limits: BatchLimits): FabricPlan =>
  planFabric({ desired: wanted, actual, references: [], clusterId: 'test', limits });

const inBatch = ({ dn, tree }: Batch): number => flatten(tree, parentDn(dn) ?? '').length;
const bytesOf = ({ tree }: Batch): number => Buffer.byteLength(JSON.stringify(toWire(tree)));

/** What must not be cut, as architecture.md says it: an owned object; a prefix that moves. */
const unitOf = ({ object }: Change): string =>
  object.className === 'l3extSubnet' ? `${object.attributes['ip']}` : unitDn(object.dn);

/** Dns of what an object refers to by name or by Dn, in the gateway's tenant. */
function referentsOf({ object: { className, attributes } }: Change): readonly string[] {
  const named = NAMED[className];
  const name = named === undefined ? undefined : attributes[named[0]];
  const byName = named === undefined || name === undefined ? [] : [`uni/tn-k8s/${named[1]}-${name}`];
  return attributes['tDn'] === undefined ? byName : [...byName, attributes['tDn']];
}

const CONTRACT = ['tnVzBrCPName', 'brc'] as const;
const NAMED: Readonly<Record<string, readonly [attribute: string, prefix: string]>> = {
  fvRsProv: CONTRACT,
  fvRsCons: CONTRACT,
  fvRsIntraEpg: CONTRACT,
  vzRsAnyToProv: CONTRACT,
  vzRsAnyToCons: CONTRACT,
  vzRsSubjFiltAtt: ['tnVzFilterName', 'flt'],
  vzRsFiltAtt: ['tnVzFilterName', 'flt'],
  fvRsBd: ['tnFvBDName', 'BD'],
  fvRsCtx: ['tnFvCtxName', 'ctx'],
  l3extRsEctx: ['tnFvCtxName', 'ctx'],
};

const numbered = (waves: readonly (readonly Batch[])[]): readonly (readonly [number, Batch])[] =>
  waves.flatMap((wave, index) => wave.map((batch) => [index, batch] as const));

describe('batches of a plan', () => {
  it('stay within the limits, but for what must be one transaction; below the nearest object above all of it', () => {
    let [cut, single] = [0, 0];
    fc.assert(
      fc.property(cases, ({ wanted, actual, limits }) => {
        for (const { batches } of planBetween(wanted, actual, limits).phases) {
          if (batches.length > 1) cut += 1;
          for (const batch of batches) {
            const isOver = inBatch(batch) > limits.objects || bytesOf(batch) > (limits.bytes ?? Infinity);
            if (isOver) {
              single += 1;
              assert.equal(new Set(batch.changes.map(unitOf)).size, 1, `${batch.dn} is too large`);
            }
            checkTop(batch);
          }
        }
      }),
      { numRuns: 200 },
    );
    assert.ok(cut > 100 && single > 100, `${cut} phases of several batches, ${single} large units`);
  }).timeout(60_000);

  it('hold every change once, and none in two pieces', () => {
    fc.assert(
      fc.property(cases, ({ wanted, actual, limits }) => {
        const plan = planBetween(wanted, actual, limits);
        const planned = changesOf(plan).map(({ kind, object }) => `${kind} ${object.dn}`);
        assert.equal(new Set(planned).size, planned.length);
        const found = difference(wanted, actual, 'test').changes.map(({ kind, object }) => `${kind} ${object.dn}`);
        // Prefixes of an external EPG that goes are named apart, as they go earlier.
        const more = planned.filter((text) => !found.includes(text));
        assert.ok(
          more.every((text) => /^delete .*\/instP-.*\/extsubnet-/.test(text)),
          more.join(),
        );
        assert.deepEqual(
          found.filter((text) => !planned.includes(text)),
          [],
        );
        for (const { name, batches } of plan.phases) {
          const owners = batches.flatMap((batch, index) =>
            [...new Set(batch.changes.map(unitOf))].map((unit) => ({ unit, index })),
          );
          assert.equal(new Set(owners.map(({ unit }) => unit)).size, owners.length, `phase ${name} cuts a unit`);
        }
      }),
      { numRuns: 200 },
    );
  }).timeout(60_000);

  it('make no object without the mark that says whose it is', () => {
    let marks = 0;
    fc.assert(
      fc.property(cases, ({ wanted, actual, limits }) => {
        let objects = new Map(actual);
        for (const batch of planBetween(wanted, actual, limits).phases.flatMap(({ batches }) => batches)) {
          objects = new Map(afterBatch(objects, batch));
          for (const { kind, object } of batch.changes) {
            if (kind !== 'create' || !wanted.has(markDn(object.dn, MARK_KEYS.owner))) continue;
            marks += 1;
            assert.ok(objects.has(markDn(object.dn, MARK_KEYS.owner)), object.dn);
          }
        }
      }),
      { numRuns: 100 },
    );
    assert.ok(marks > 500, `${marks}`);
  }).timeout(60_000);

  it('make what is referred to before what refers to it, or together with it: nothing in a batch that goes out at the same time', () => {
    let references = 0;
    let together = 0;
    fc.assert(
      fc.property(cases, ({ wanted, actual, limits }) => {
        const waves = planBetween(wanted, actual, limits).phases.flatMap((phase) => wavesOf(phase));
        together += waves.filter((wave) => wave.length > 1).length;
        const madeIn = new Map<string, { readonly wave: number; readonly batch: Batch }>();
        for (const [wave, batch] of numbered(waves)) {
          for (const { kind, object } of batch.changes) if (kind === 'create') madeIn.set(object.dn, { wave, batch });
        }
        for (const [wave, batch] of numbered(waves)) {
          for (const change of batch.changes) {
            if (change.kind === 'delete') continue;
            for (const dn of [...referentsOf(change), parentDn(change.object.dn) ?? '']) {
              const made = madeIn.get(dn);
              if (made === undefined) continue;
              references += 1;
              assert.ok(made.batch === batch || made.wave < wave, `${change.object.dn} may be made before ${dn}`);
            }
          }
        }
      }),
      { numRuns: 200 },
    );
    assert.ok(references > 5000 && together > 100, `${references} references, ${together} waves of several batches`);
  }).timeout(60_000);

  it('have the same order and hash however the changes were found and are cut', () => {
    fc.assert(
      fc.property(cases, fc.infiniteStream(fc.nat(1000)), ({ wanted, actual, limits }, dice) => {
        const shuffled = new Map(
          [...wanted]
            .map((entry) => ({ entry, key: dice.next().value }))
            .sort((a, b) => a.key - b.key)
            .map(({ entry }) => entry),
        );
        const [one, other] = [planBetween(wanted, actual, limits), planBetween(shuffled, actual, limits)];
        assert.deepEqual(one.phases, other.phases);
        assert.equal(one.hash, planBetween(wanted, actual, { objects: 500 }).hash);
        assert.deepEqual(
          batchesOf(changesOf({ phases: one.phases.slice(0, 1) }), limits),
          one.phases[0]?.batches ?? [],
        );
      }),
      { numRuns: 100 },
    );
  }).timeout(60_000);
});

/** The Dn of the POST is at or above all changes, none is further down, and it is in one package of the APIC. */
function checkTop({ dn, changes }: Batch): void {
  const depth = splitDn(dn).length;
  assert.ok(depth >= 2, dn);
  assert.ok(
    changes.every(({ object }) => isWithin(object.dn, dn)),
    dn,
  );
  const next = new Set(changes.map(({ object }) => splitDn(object.dn)[depth]));
  // Nobody makes the functions of an AEP by themselves: they are made with what is below.
  if (dn.endsWith('/gen-default')) return;
  assert.ok(next.size > 1 || changes.some(({ object }) => object.dn === dn), `${dn} is not the nearest`);
}
