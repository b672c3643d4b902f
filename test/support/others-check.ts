import assert from 'node:assert/strict';
import { changesOf, planFabric } from '#fabric';
import type { FlatObject, ObjectMap } from '#model/aci';
import type { Desired } from './plan-check.js';
import { afterBatch, inAnyOrder } from './plan-steps.js';
import { OWN_FABRIC } from './settings.js';

/** What an admin may hang below an object, by its class. */
const HUNG: Readonly<Record<string, (dn: string) => FlatObject>> = {
  fvAEPg: (dn) => ({
    className: 'fvRsPathAtt',
    dn: `${dn}/rspathAtt-[topology/pod-1/paths-101/pathep-[eth1/9]]`,
    attributes: { tDn: 'topology/pod-1/paths-101/pathep-[eth1/9]', encap: 'vlan-9' },
  }),
  vzBrCP: (dn) => ({ className: 'vzSubj', dn: `${dn}/subj-theirs`, attributes: { name: 'theirs' } }),
  vzFilter: (dn) => ({ className: 'vzEntry', dn: `${dn}/e-theirs`, attributes: { name: 'theirs', etherT: 'arp' } }),
  l3extInstP: (dn) => ({
    className: 'fvRsCons',
    dn: `${dn}/rscons-theirs`,
    attributes: { tnVzBrCPName: 'theirs' },
  }),
};

const planBetween = (desired: ObjectMap, actual: ObjectMap): ReturnType<typeof planFabric> =>
  planFabric({ desired, actual, references: [], clusterId: OWN_FABRIC.clusterId, limits: { objects: 25 } });

/** Carries out all of a plan; `check` looks at the fabric after each batch. */
function carriedOut(desired: ObjectMap, actual: ObjectMap, check: (fabric: ObjectMap) => void): ObjectMap {
  let fabric = actual;
  for (const phase of planBetween(desired, actual).phases) {
    for (const batch of inAnyOrder(phase)) {
      fabric = afterBatch(fabric, batch);
      check(fabric);
    }
  }
  return fabric;
}

/**
 * Hangs objects of an admin below those that `isChosen` chooses, and goes from one state to the other: they are there after each
 * step, at the end nothing is left to do, and when the admin has removed them, nothing is left of the old state. Gives how many
 * objects were kept for them.
 */
export function checkOthersStay(before: Desired, after: Desired, isChosen: (dn: string) => boolean): number {
  const theirs = [...before.fabric.values()].flatMap((object) => {
    const hang = HUNG[object.className];
    return hang === undefined || !isChosen(object.dn) ? [] : [hang(object.dn)];
  });
  const start = new Map([...before.fabric, ...theirs.map((object) => [object.dn, object] as const)]);
  const check = (fabric: ObjectMap): void => {
    for (const object of theirs) assert.deepEqual(fabric.get(object.dn), object, `${object.dn} is gone`);
  };
  const fabric = carriedOut(after.fabric, start, check);
  const { notes, ...settled } = planBetween(after.fabric, fabric);
  assert.deepEqual(changesOf(settled), [], 'nothing is left to do while they are there');
  const left = new Map(fabric);
  for (const { dn } of theirs) left.delete(dn);
  const end = carriedOut(after.fabric, left, () => undefined);
  assert.deepEqual([...end.keys()].sort(), [...after.fabric.keys()].sort(), 'nothing of before is left');
  return notes.filter(({ code }) => code === 'OTHERS_BELOW').length;
}
