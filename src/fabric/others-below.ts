import {
  classRow,
  type FlatObject,
  isBindingsHolder,
  isConfigured,
  isOurs,
  type ObjectMap,
  parentDn,
} from '#model/aci';
import type { Finding } from '#model/policy';
import { type Change, hasAncestorIn } from './diff.js';
import { policyTargets } from './relation-target.js';

/** An object of ours that nobody asks for any more and that stays, as others have something below it. */
export interface KeptObject {
  readonly object: FlatObject;
  /** The topmost objects of others below it, by Dn. */
  readonly others: readonly FlatObject[];
}

/** What is looked at to tell what is whose. */
export interface OthersSides {
  readonly actual: ObjectMap;
  readonly clusterId: string;
  /** Objects of the fabric below a Dn. */
  readonly below: (dn: string) => readonly FlatObject[];
}

/** The changes without the deletions that would take something of others away. */
export interface SparedChanges {
  readonly changes: readonly Change[];
  readonly kept: readonly KeptObject[];
}

/**
 * Leaves an object standing that was to be deleted while somebody else's configuration is below it, with what is on the way to
 * that. What is ours below it goes by itself: what opens, closes or takes a number. What says where the object belongs stays with
 * it, marks among it: without its domain an admin's binding of an EPG would be none.
 */
export function sparingOthers(changes: readonly Change[], sides: OthersSides): SparedChanges {
  const spared: Change[] = [];
  const kept: KeptObject[] = [];
  for (const change of changes) {
    const inner = change.kind === 'delete' ? sides.below(change.object.dn) : [];
    const others = inner.filter((object) => isOfOthers(object, (one) => isOurs(sides.actual, one, sides.clusterId)));
    if (others.length === 0) {
      spared.push(change);
      continue;
    }
    kept.push({ object: change.object, others: topmost(others) });
    for (const object of goingBelow(change.object.dn, { inner, others, sides }))
      spared.push({ kind: 'delete', object });
  }
  return { changes: spared, kept };
}

/** Whether somebody else configured the object: what the APIC made or found out is nobody's. */
export const isOfOthers = (object: FlatObject, isOwn: (object: FlatObject) => boolean): boolean =>
  isConfigured(object) && !isBindingsHolder(object) && !isOwn(object);

/** The topmost of some objects, by Dn. */
export function topmost(objects: readonly FlatObject[]): readonly FlatObject[] {
  const dns = new Set(objects.map(({ dn }) => dn));
  return objects.filter(({ dn }) => !hasAncestorIn(dns, dn)).sort((a, b) => (a.dn < b.dn ? -1 : 1));
}

interface Below {
  readonly inner: readonly FlatObject[];
  readonly others: readonly FlatObject[];
  readonly sides: OthersSides;
}

/** The topmost objects of ours below one that stays which need not stay with it. */
function goingBelow(top: string, { inner, others, sides }: Below): readonly FlatObject[] {
  const standing = new Set<string>();
  for (const { dn } of others) {
    for (let above = parentDn(dn); above !== undefined && above !== top; above = parentDn(above)) standing.add(above);
  }
  const ours = inner.filter((one) => !standing.has(one.dn) && isOurs(sides.actual, one, sides.clusterId));
  return topmost(ours).filter((one) => !staysWithItsParent(one));
}

const BINDINGS: ReadonlySet<string> = new Set(['fvRsPathAtt', 'infraRsFuncToEpg']);

/** A mark, or a relation that says where an object belongs and neither opens nor takes anything. */
function staysWithItsParent(object: FlatObject): boolean {
  const { className } = object;
  if (className === 'tagAnnotation') return true;
  return classRow(className)?.relation !== undefined && !BINDINGS.has(className) && policyTargets(object).length === 0;
}

/** Objects that a message names. */
const NAMED = 5;

/** One finding for each object that stays for what others have below it. */
export const keptFindings = (kept: readonly KeptObject[]): readonly Finding[] =>
  [...kept].sort((a, b) => (a.object.dn < b.object.dn ? -1 : 1)).map(keptFinding);

function keptFinding({ object, others }: KeptObject): Finding {
  const named = others.slice(0, NAMED).map(({ dn }) => dn);
  const more = others.length > NAMED ? ` and ${others.length - NAMED} more` : '';
  return {
    code: 'OTHERS_BELOW',
    severity: 'warning',
    object: `ACI/${object.dn}`,
    message: `nobody asks for the object any more, but what others configured below it would be deleted with it: ${named.join(', ')}${more}. It stays, without contracts and bindings of the gateway's, and goes as soon as these are gone: move or remove them. To take the object over instead, give its tagAnnotation aci-gateway-owner another value`,
  };
}
