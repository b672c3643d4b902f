import { type Batch, batchOf, hasAncestorIn, isOfOthers, planFabric, topmost, withOwnerMarks } from '#fabric';
import {
  canonicalMap,
  type FlatObject,
  isBindingsHolder,
  isConfigured,
  isOurs,
  MARK_KEYS,
  type ObjectMap,
  ORCHESTRATOR,
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
  /** Of the objects those that a gateway made for bindings at an admin's AEP, and that nothing is left below. */
  readonly holders: readonly FlatObject[];
}

/** How a removal ended. */
export interface RemovalResult {
  /** What there was at first. */
  readonly found: Removal;
  /** What there is now; the same where nothing was removed. */
  readonly left: Removal;
}

/** Looks again after a removal: objects that a POST of before made meanwhile go, too, and what is empty only then. */
const MOST_ROUNDS = 4;

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
    left = await planRemoval(apic, clusterId, signal, found.holders);
  }
  return { found, left };
}

/**
 * What the fabric holds that carries the exact mark of this cluster, wherever it is, as a plan that takes it away. Changes
 * nothing.
 *
 * @param emptied what the removal has emptied so far, and takes away in the end
 */
export async function planRemoval(
  apic: Pick<ApicPort, 'list'>,
  clusterId: string,
  signal: AbortSignal,
  emptied: readonly FlatObject[] = [],
): Promise<Removal> {
  const actual = await objectsAroundMarks(apic, { clusterId, emptied }, signal);
  const { batchObjects, batchBytes } = DEFAULT_APPLY_SETTINGS;
  const sides = { desired: new Map(), actual, clusterId };
  const limits = { objects: batchObjects, bytes: batchBytes };
  const { phases } = planFabric({ ...sides, references: [], limits, takesOthers: true });
  // A POST that comes late, after another removal, must not leave an object that is nobody's.
  const marked = ({ dn, tree, changes }: Batch): Batch => ({ dn, tree: withOwnerMarks(tree, dn, sides), changes });
  const batches = phases.flatMap((phase) => phase.batches).map(marked);
  const objects = batches.flatMap(({ changes }) => changes.map(({ object }) => object));
  const holders = emptyHolders(objects, actual);
  return {
    // What is below it may have become more since it was looked at: so it goes right after a look that found nothing there.
    batches: batches.length > 0 ? batches : holders.map((object) => batchOf(object.dn, [{ kind: 'delete', object }])),
    objects: [...objects, ...holders],
    others: othersBelow(objects, sides),
    holders,
  };
}

/**
 * What a gateway made for bindings at an admin's AEP, where nothing that somebody configured is below it but what goes. Whether it
 * was made by one its annotation says; an admin who has given it a text uses it.
 */
function emptyHolders(going: readonly FlatObject[], actual: ObjectMap): readonly FlatObject[] {
  const tops = new Set(going.map(({ dn }) => dn));
  const stays = ({ dn }: FlatObject): boolean => !tops.has(dn) && !hasAncestorIn(tops, dn);
  return [...actual.values()].filter((holder) => {
    const { annotation, descr = '', nameAlias = '' } = holder.attributes;
    const isMadeByUs = isBindingsHolder(holder) && annotation === ORCHESTRATOR && descr === '' && nameAlias === '';
    if (!isMadeByUs || !stays(holder)) return false;
    return ![...actual.values()].some(
      (object) => object.dn.startsWith(`${holder.dn}/`) && isConfigured(object) && stays(object),
    );
  });
}

/** The topmost objects below some that go which are not ours, but were configured by somebody. */
function othersBelow(
  going: readonly FlatObject[],
  { actual, clusterId }: { readonly actual: ObjectMap; readonly clusterId: string },
): readonly FlatObject[] {
  const tops = new Set(going.map(({ dn }) => dn));
  const isOwn = (object: FlatObject): boolean => isOurs(actual, object, clusterId);
  return topmost([...actual.values()].filter((object) => hasAncestorIn(tops, object.dn) && isOfOthers(object, isOwn)));
}

/**
 * All that stands in the parts of the fabric with a mark of the cluster. By the marks and not by the configuration: that may name
 * other tenants now than when the gateway wrote. Also around what was emptied, which has no marks below it any more.
 */
async function objectsAroundMarks(
  apic: Pick<ApicPort, 'list'>,
  { clusterId, emptied }: { readonly clusterId: string; readonly emptied: readonly FlatObject[] },
  signal: AbortSignal,
): Promise<ObjectMap> {
  const values = { 'tagAnnotation.key': MARK_KEYS.owner, 'tagAnnotation.value': clusterId };
  const marks = await apic.list({ dn: 'uni', classes: ['tagAnnotation'], values }, signal);
  const found: FlatObject[] = [];
  const tops = [...marks.map((mark) => parentDn(mark.dn) ?? mark.dn), ...emptied.map(({ dn }) => dn)];
  for (const dn of new Set(tops.map(partOf))) {
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
