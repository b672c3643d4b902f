import { type Batch, hasAncestorIn, planFabric, withOwnerMarks } from '#fabric';
import {
  canonicalMap,
  type FlatObject,
  isConfigured,
  isOurs,
  MARK_KEYS,
  type ObjectMap,
  parentDn,
  splitDn,
} from '#model/aci';
import { DEFAULT_APPLY_SETTINGS } from '#model/settings';
import type { ApicPort } from '#ports';

/** What a removal would take away, or took. */
export interface Removal {
  readonly batches: readonly Batch[];
  /** Topmost objects that go, in the order in which they do; what is below them goes with them. */
  readonly objects: readonly FlatObject[];
  /** Topmost objects below those that somebody else configured, by Dn: they go as well. */
  readonly others: readonly FlatObject[];
}

/** How a removal ended. */
export interface RemovalResult {
  /** What there was at first. */
  readonly found: Removal;
  /** What there is now; the same where nothing was removed. */
  readonly left: Removal;
}

/** Looks again after a removal: objects that a POST of before made meanwhile go, too. */
const MOST_ROUNDS = 3;

/**
 * Takes away everything that carries the mark of the cluster. Where somebody else configured something below that, nothing goes,
 * unless it may all go. Rejects with the error of a POST that the APIC does not take; what was done stays done.
 */
export async function remove(
  apic: Pick<ApicPort, 'list' | 'post'>,
  { clusterId, withOthers }: { readonly clusterId: string; readonly withOthers: boolean },
  signal: AbortSignal,
): Promise<RemovalResult> {
  const found = await planRemoval(apic, clusterId, signal);
  let left = found;
  for (let round = 0; round < MOST_ROUNDS && left.objects.length > 0; round += 1) {
    if (left.others.length > 0 && !withOthers) break;
    for (const { dn, tree } of left.batches) await apic.post(dn, tree, signal);
    left = await planRemoval(apic, clusterId, signal);
  }
  return { found, left };
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
  const objects = batches.flatMap(({ changes }) => changes.map(({ object }) => object));
  return { batches, objects, others: othersBelow(objects, sides) };
}

/** The topmost objects below some that go which are not ours, but were configured by somebody. */
function othersBelow(
  going: readonly FlatObject[],
  { actual, clusterId }: { readonly actual: ObjectMap; readonly clusterId: string },
): readonly FlatObject[] {
  const tops = new Set(going.map(({ dn }) => dn));
  const others = [...actual.values()].filter(
    (object) =>
      hasAncestorIn(tops, object.dn) && isConfigured(object) && !isHolder(object) && !isOurs(actual, object, clusterId),
  );
  const dns = new Set(others.map(({ dn }) => dn));
  return others.filter(({ dn }) => !hasAncestorIn(dns, dn)).sort((a, b) => (a.dn < b.dn ? -1 : 1));
}

/** What bindings at an AEP hang below. Whoever makes the first one makes it on the way, with nothing of its own, as we do. */
const isHolder = ({ className, dn }: FlatObject): boolean =>
  className === 'infraGeneric' && dn.endsWith('/gen-default');

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
