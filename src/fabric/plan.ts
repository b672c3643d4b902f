import { type ManagedObject, namingFromRn, parentDn, resolveDn, rnOfDn, splitDn } from '#model/aci';
import { contentHash } from '#model/naming';
import type { Finding } from '#model/policy';
import { type Change, difference, type ObjectMap } from './diff.js';
import { directSubnets, duplicateFindings, duplicatePrefixes } from './outside-prefixes.js';
import { PHASE_NAMES, type PhaseName, phasesOf } from './phases.js';

/** One POST: a tree for the object at the Dn, applied by the APIC as one transaction. */
export interface Batch {
  readonly dn: string;
  readonly tree: ManagedObject;
  readonly changes: readonly Change[];
}

/** Batches that must all be done before the next phase begins. */
export interface Phase {
  readonly name: PhaseName;
  readonly batches: readonly Batch[];
}

/** The ordered difference between desired and actual: make before break (DESIGN.md §6.5). */
export interface FabricPlan {
  readonly phases: readonly Phase[];
  readonly conflicts: readonly Finding[];
  /** What the fabric does other than policies say, whatever the plan does. */
  readonly notes: readonly Finding[];
  /** Dns that the configuration says an admin made, and that are not there. */
  readonly missing: readonly string[];
  readonly counts: Readonly<Record<Change['kind'], number>>;
  /** Equal plans have equal hashes. */
  readonly hash: string;
}

/** Bounds of one POST: an APIC takes much more, but answers small transactions quickly (aci-model.md §6). */
export interface BatchLimits {
  readonly objects: number;
}

/** What a plan is made from; both sides canonical. */
export interface PlanInput {
  readonly desired: ObjectMap;
  readonly actual: ObjectMap;
  readonly references: readonly string[];
  readonly clusterId: string;
  readonly limits: BatchLimits;
  /** Changes that must wait, e.g. because the APIC refused them as they are. */
  readonly parked?: (change: Change) => boolean;
  /** Looks at every change of the difference first: gives it back as it is to be made, or undefined to leave it. */
  readonly adjust?: (change: Change) => Change | undefined;
}

/** Plans the way from actual to desired. Referents come first, removals last and in the opposite order. */
export function planFabric(input: PlanInput): FabricPlan {
  const { desired, actual, references, clusterId, limits, parked, adjust } = input;
  const missing = references.filter((dn) => !actual.has(dn));
  const found = difference(desired, actual, clusterId);
  const duplicates = duplicatePrefixes({ desired, actual, clusterId });
  const isDuplicate = ({ kind, object }: Change): boolean => kind === 'create' && duplicates.has(object.dn);
  const differing = adjust === undefined ? found.changes : found.changes.flatMap((change) => adjust(change) ?? []);
  const changes = differing.filter(
    (change) => !needs(missing, change.object.dn) && !isDuplicate(change) && parked?.(change) !== true,
  );
  const byPhase = phasesOf(changes, { desired, actual });
  const phases = PHASE_NAMES.map((name) => ({ name, batches: batches(byPhase.get(name) ?? [], limits) })).filter(
    (phase) => phase.batches.length > 0,
  );
  const count = (kind: Change['kind']): number => changes.filter((change) => change.kind === kind).length;
  const counts = { create: count('create'), modify: count('modify'), delete: count('delete') };
  const hash = contentHash(JSON.stringify(phases.map(({ batches: posts }) => posts.map(({ dn, tree }) => [dn, tree]))));
  const conflicts = [...found.conflicts, ...duplicateFindings(duplicates)];
  const notes = directSubnets({ desired, actual, clusterId });
  return { phases, conflicts, notes, missing, counts, hash };
}

/** Whether there is anything to post. */
export const isEmptyPlan = (plan: FabricPlan): boolean => plan.phases.length === 0;

/** Changes below a missing object of an admin's would create it: they wait until it is there. */
const needs = (missing: readonly string[], dn: string): boolean =>
  missing.some((absent) => dn === absent || dn.startsWith(`${absent}/`));

/** Class of the object at a Dn, as the model reads it. */
function classOf(dn: string): string {
  const resolved = resolveDn(dn);
  return (resolved.ok ? resolved.steps.at(-1)?.className : undefined) ?? '';
}

/** Groups changes under their common top object and cuts them into batches, never through one owned object. */
function batches(changes: readonly Change[], limits: BatchLimits): readonly Batch[] {
  const byTop = new Map<string, Change[]>();
  for (const change of changes) {
    const top = topDn(change.object.dn);
    const list = byTop.get(top);
    if (list === undefined) byTop.set(top, [change]);
    else list.push(change);
  }
  return [...byTop].flatMap(([top, list]) => chunks(list, limits.objects).map((chunk) => batchOf(top, chunk)));
}

/** `uni/tn-x`, `uni/infra`, `uni/phys-y`: the nearest objects below which one POST is one transaction. */
export const topDn = (dn: string): string => upTo(dn, 2);

/** The first RNs of a Dn. */
const upTo = (dn: string, count: number): string => splitDn(dn).slice(0, count).join('/');

/** RNs of the objects that only hold others of ours: an application profile, an L3Out, an AEP. */
const HOLDER = /^(ap|out|attentp)-/;

function chunks(changes: readonly Change[], size: number): readonly (readonly Change[])[] {
  const found: Change[][] = [];
  let current: Change[] = [];
  let unit = '';
  for (const change of changes) {
    const own = unitOf(change);
    if (own !== unit && current.length >= size) {
      found.push(current);
      current = [];
    }
    unit = own;
    current.push(change);
  }
  return current.length === 0 ? found : [...found, current];
}

/**
 * The object that must not be cut in two: the fourth step of a Dn (an EPG, an external EPG), or the third (a contract). A
 * binding is one by itself: a port that the APIC refuses says nothing about the rest of the EPG.
 */
export function unitDn(dn: string): string {
  const steps = splitDn(dn);
  const depth = BINDING.test(steps[4] ?? '') ? 5 : HOLDER.test(steps[2] ?? '') ? 4 : 3;
  return steps.slice(0, depth).join('/');
}

/** RN of a binding of a group to its VLAN, at the AEP or on a path. */
const BINDING = /^rs(funcToEpg|pathAtt)-/;

/** What one POST must hold whole: the changes of one owned object; of prefixes, those of one prefix, which moves at once. */
const unitOf = ({ object }: Change): string =>
  object.className === 'l3extSubnet' ? `prefix ${object.attributes['ip']}` : unitDn(object.dn);

/** Makes the batch of a list of changes below one top object. */
export function batchOf(top: string, changes: readonly Change[]): Batch {
  const nodes = new Map<string, MutableObject>();
  const root = nodeAt(nodes, top, classOf(top));
  for (const change of changes) {
    const node = nodeAt(nodes, change.object.dn, change.object.className);
    if (change.kind === 'delete') node.attributes['status'] = 'deleted';
    else for (const field of change.fields) node.attributes[field] = change.object.attributes[field] ?? '';
  }
  return { dn: top, tree: root, changes };
}

interface MutableObject {
  readonly className: string;
  readonly attributes: Record<string, string>;
  readonly children: MutableObject[];
}

/** The node of a Dn in the tree that is being built, made together with the steps above it down from the top. */
function nodeAt(nodes: Map<string, MutableObject>, dn: string, className: string): MutableObject {
  const known = nodes.get(dn);
  if (known !== undefined) return known;
  const node: MutableObject = { className, attributes: { ...namingFromRn(className, rnOfDn(dn)) }, children: [] };
  nodes.set(dn, node);
  const parent = parentDn(dn);
  const top = nodes.keys().next().value;
  if (parent !== undefined && dn !== top) {
    const above = nodes.get(parent) ?? nodeAt(nodes, parent, classOf(parent));
    above.children.push(node);
  }
  return node;
}
