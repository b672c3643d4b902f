import { type Batch, planFabric, withOwnerMarks } from '#fabric';
import { canonicalMap, type FlatObject, MARK_KEYS, type ObjectMap, parentDn, splitDn } from '#model/aci';
import { DEFAULT_APPLY_SETTINGS } from '#model/settings';
import type { ApicPort } from '#ports';

/** What a removal would take away, or took. */
export interface Removal {
  readonly batches: readonly Batch[];
  /** Topmost objects that go, in the order in which they do; what is below them goes with them. */
  readonly objects: readonly FlatObject[];
}

/**
 * What the fabric holds that carries the exact mark of this cluster, wherever it is, as a plan that takes it away. Changes
 * nothing.
 */
export async function planRemoval(
  apic: Pick<ApicPort, 'list'>,
  clusterId: string,
  signal: AbortSignal,
): Promise<Removal> {
  const actual = await objectsAroundMarks(apic, clusterId, signal);
  const { batchObjects, batchBytes } = DEFAULT_APPLY_SETTINGS;
  const sides = { desired: new Map(), actual, clusterId };
  const { phases } = planFabric({ ...sides, references: [], limits: { objects: batchObjects, bytes: batchBytes } });
  // A POST that comes late, after another removal, must not leave an object that is nobody's.
  const marked = ({ dn, tree, changes }: Batch): Batch => ({ dn, tree: withOwnerMarks(tree, dn, sides), changes });
  const batches = phases.flatMap((phase) => phase.batches).map(marked);
  return { batches, objects: batches.flatMap(({ changes }) => changes.map(({ object }) => object)) };
}

/**
 * All that stands in the parts of the fabric with a mark of the cluster. By the marks and not by the configuration: that may name
 * other tenants now than when the gateway wrote.
 */
async function objectsAroundMarks(
  apic: Pick<ApicPort, 'list'>,
  clusterId: string,
  signal: AbortSignal,
): Promise<ObjectMap> {
  const values = { 'tagAnnotation.key': MARK_KEYS.owner, 'tagAnnotation.value': clusterId };
  const marks = await apic.list({ dn: 'uni', classes: ['tagAnnotation'], values }, signal);
  const found: FlatObject[] = [];
  for (const dn of new Set(marks.map((mark) => partOf(parentDn(mark.dn) ?? mark.dn)))) {
    for (const object of await apic.list({ dn, classes: 'all' }, signal)) found.push(object);
  }
  return canonicalMap(found);
}

const TENANT = /^uni\/tn-/;

/**
 * What is listed for an object at the Dn: its whole tenant, as that may hold thousands with marks of their own; elsewhere the object
 * that the Dn leads to below `uni/infra`, which has all of the fabric's ports.
 */
const partOf = (dn: string): string =>
  splitDn(dn)
    .slice(0, TENANT.test(dn) ? 2 : 3)
    .join('/');

/** Takes it away, batch by batch. Rejects with the error of a POST that the APIC does not take; what was done stays done. */
export async function carryOutRemoval(
  apic: Pick<ApicPort, 'post'>,
  { batches }: Removal,
  signal: AbortSignal,
): Promise<void> {
  for (const { dn, tree } of batches) await apic.post(dn, tree, signal);
}
