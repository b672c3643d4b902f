import {
  classRow,
  type FlatObject,
  isOurs,
  MARK_KEYS,
  markDn,
  type ObjectMap,
  ownerOf,
  parentDn,
  rootFinder,
} from '#model/aci';
import type { Finding } from '#model/policy';
import { policyTargets } from './relation-target.js';

/** One difference between what should be and what is. */
export type Change =
  | { readonly kind: 'create'; readonly object: FlatObject; readonly fields: readonly string[] }
  | {
      readonly kind: 'modify';
      readonly object: FlatObject;
      readonly fields: readonly string[];
      /** The object as it is. */
      readonly found: FlatObject;
    }
  | { readonly kind: 'delete'; readonly object: FlatObject };

/** What to do to the fabric, and what stands in the way. */
export interface Difference {
  readonly changes: readonly Change[];
  /** Objects of ours that cannot be made, because the name is somebody else's. */
  readonly conflicts: readonly Finding[];
}

/**
 * The difference between the desired objects and the fabric's, both canonical. Only attributes that we set are compared.
 * Objects that are not ours are neither changed nor deleted (DESIGN.md §6.3): a desired object whose Dn is taken by an
 * unmarked object, or by one of another cluster, is a conflict and left out together with all below it, and with relations
 * to that: what somebody else's contract permits, or who is in his group, is not what policies say. What we made below it before it was
 * somebody else's stays as it is: a part of it would not be what policies say either.
 */
export function difference(desired: ObjectMap, actual: ObjectMap, clusterId: string): Difference {
  const taken = takenRoots(desired, actual, clusterId);
  const changes: Change[] = [];
  const rootIn = rootFinder(desired);
  for (const object of desired.values()) {
    if (taken.size > 0 && isLeftOut(object, taken, { desired, rootIn })) continue;
    const change = changeOf(object, actual.get(object.dn));
    if (change !== undefined) changes.push(change);
  }
  changes.push(...deletions({ desired, actual, clusterId }, taken));
  return { changes, conflicts: conflictsOf(taken, actual, clusterId) };
}

/** One finding for each object that we cannot make, because its name is taken. */
export const conflictsOf = (taken: Iterable<string>, actual: ObjectMap, clusterId: string): readonly Finding[] =>
  [...taken].sort().map((dn) => conflict(dn, actual, clusterId));

/** What {@link isLeftOut} looks at. */
export interface WantedSide {
  readonly desired: ObjectMap;
  /** Nearest object at or above a Dn that we would own. */
  readonly rootIn: (dn: string) => string | undefined;
}

/** Whether an object is one that is somebody else's or below one, or relates to such a one, or what it belongs to does. */
export function isLeftOut(object: FlatObject, taken: ReadonlySet<string>, { desired, rootIn }: WantedSide): boolean {
  if (isAtOrBelow(taken, object.dn)) return true;
  const root = rootIn(object.dn) ?? object.dn;
  const targets = [object, desired.get(root)].flatMap((one) => (one === undefined ? [] : policyTargets(one)));
  return targets.some((target) => isAtOrBelow(taken, target));
}

/** Whether the Dn is one of these or below one. */
export const isAtOrBelow = (dns: ReadonlySet<string>, dn: string): boolean => dns.has(dn) || hasAncestorIn(dns, dn);

/** What to do to an object of the fabric so that it is as desired; undefined where it is. */
export function changeOf(object: FlatObject, found: FlatObject | undefined): Change | undefined {
  if (isStep(object)) return undefined;
  if (found === undefined) return { kind: 'create', object, fields: Object.keys(object.attributes) };
  const fields = Object.entries(object.attributes)
    .filter(([property, value]) => (found.attributes[property] ?? '') !== value)
    .map(([property]) => property);
  return fields.length === 0 ? undefined : { kind: 'modify', object, fields, found };
}

/** An object that only stands on the way to others: it says nothing but its name, and is made with what is below it. */
export function isStep(object: FlatObject): boolean {
  const naming = classRow(object.className)?.naming ?? [];
  return Object.keys(object.attributes).every((property) => naming.includes(property));
}

function takenRoots(desired: ObjectMap, actual: ObjectMap, clusterId: string): ReadonlySet<string> {
  const taken = new Set<string>();
  for (const object of desired.values()) {
    if (isTaken(object.dn, { desired, actual, clusterId })) taken.add(object.dn);
  }
  return taken;
}

/** Both sides of a difference, and whose gateway asks. */
export interface OwnedSides {
  readonly desired: ObjectMap;
  readonly actual: ObjectMap;
  readonly clusterId: string;
}

/** Whether the Dn is that of an object that we would own, and somebody else has it. */
export const isTaken = (dn: string, { desired, actual, clusterId }: OwnedSides): boolean =>
  actual.has(dn) && desired.has(markDn(dn, MARK_KEYS.owner)) && ownerOf(actual, dn) !== clusterId;

/** What the configuration may leave to an admin: where it is named there, by class. */
const MAY_BE_OTHERS: ReadonlyMap<string, string> = new Map([
  ['fvTenant', 'fabric.tenant'],
  ['fvCtx', 'fabric.vrf'],
  ['fvBD', 'fabric.bridgeDomain'],
  ['l3extOut', 'fabric.l3out'],
  ['infraAttEntityP', 'fabric.attachableEntityProfile'],
  ['physDomP', 'fabric.physicalDomain'],
  ['fvnsVlanInstP', 'fabric.vlanPool'],
]);

function conflict(dn: string, actual: ObjectMap, clusterId: string): Finding {
  const owner = ownerOf(actual, dn);
  const setting = MAY_BE_OTHERS.get(actual.get(dn)?.className ?? '');
  const orElse =
    setting === undefined
      ? ''
      : `, or give the gateway's another name (${setting}.name), or set own: false for it there`;
  const who = owner === undefined ? 'carries no mark of this gateway' : `belongs to cluster '${owner}'`;
  return {
    code: 'NAME_IN_USE',
    severity: 'error',
    object: `ACI/${dn}`,
    message: `the object exists and ${who}; cluster '${clusterId}' leaves it alone, and nothing is written below it. Rename or remove it${orElse}`,
  };
}

/** The topmost objects that are ours and no longer desired, but for those below what is somebody else's. */
function deletions({ desired, actual, clusterId }: OwnedSides, taken: ReadonlySet<string>): readonly Change[] {
  const stale = [...actual.values()].filter(
    (object) =>
      !desired.has(object.dn) &&
      isOurs(actual, object, clusterId) &&
      !(taken.size > 0 && isAtOrBelow(taken, object.dn)),
  );
  const dns = new Set(stale.map((object) => object.dn));
  return stale
    .filter((object) => !hasAncestorIn(dns, object.dn))
    .map((object) => ({ kind: 'delete', object }) satisfies Change);
}

/** Whether one of the Dns is above this one. */
export function hasAncestorIn(dns: Pick<ReadonlySet<string>, 'has'>, dn: string): boolean {
  for (let current = parentDn(dn); current !== undefined; current = parentDn(current)) {
    if (dns.has(current)) return true;
  }
  return false;
}
