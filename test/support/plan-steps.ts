import { type Batch, type FabricPlan, type Phase, wavesOf } from '#fabric';
import { canonicalMap, type FlatObject, flatten, type ObjectMap, parentDn } from '#model/aci';
import { contentHash } from '#model/naming';

/** The fabric after one POST, as an APIC merges it: what is deleted goes with everything below it. */
export function afterBatch(objects: ObjectMap, batch: Batch): ObjectMap {
  const after = new Map<string, FlatObject>(objects);
  const posted = flatten(batch.tree, parentDn(batch.dn) ?? '');
  for (const { dn } of posted.filter(({ attributes }) => attributes['status'] === 'deleted')) {
    for (const known of after.keys()) if (known === dn || known.startsWith(`${dn}/`)) after.delete(known);
  }
  for (const object of posted) {
    const { status, ...attributes } = object.attributes;
    if (status === 'deleted') continue;
    after.set(object.dn, { ...object, attributes: { ...after.get(object.dn)?.attributes, ...attributes } });
  }
  return canonicalMap(after.values());
}

/** The batches of a phase in another order than the planned one, as they may reach the APIC: those of one wave go out together. */
export const inAnyOrder = (phase: Phase): readonly Batch[] =>
  wavesOf(phase).flatMap((wave) =>
    wave.toSorted((a, b) => (contentHash(a.dn + dnsOf(a)) < contentHash(b.dn + dnsOf(b)) ? -1 : 1)),
  );

const dnsOf = ({ changes }: Batch): string => changes.map(({ object }) => object.dn).join();

/** The fabric after all POSTs of the plan. */
export const afterPlan = (objects: ObjectMap, plan: FabricPlan): ObjectMap =>
  plan.phases.flatMap(inAnyOrder).reduce(afterBatch, objects);
