import { childClassesOf, classRow } from '#model/aci';
import type { StoredObject, Transaction } from '../tree/index.js';

/** Policies of nodes that a user may make, but that an APIC makes first (tests of cisco.aci). */
const NODE_POLICIES = ['fabricRsTwampResponderPol', 'fabricRsTwampServerPol'];

/** Seen below new objects of real APICs though the metadata calls them creatable (tenants: apic-protocol.md §6.2). */
const SEEN: Readonly<Record<string, readonly string[]>> = {
  fabricLeNodePGrp: NODE_POLICIES,
  fabricSpNodePGrp: NODE_POLICIES,
  fvTenant: ['fvEpTags'],
};

const known = new Map<string, readonly string[]>();

/**
 * Classes of the children that an APIC makes together with an object: those that nobody can create and that have no name
 * of their own (the rule of apic-protocol.md §6.2), and those that the model lists.
 */
export function implicitChildClasses(parentClass: string): readonly string[] {
  const cached = known.get(parentClass);
  if (cached !== undefined) return cached;
  const byRule = childClassesOf(parentClass).filter((name) => isMadeWithParent(name));
  const listed = [...(classRow(parentClass)?.implicit ?? []), ...(SEEN[parentClass] ?? [])];
  const all = [...new Set([...byRule, ...listed])].filter((name) => classRow(name) !== undefined).sort();
  known.set(parentClass, all);
  return all;
}

function isMadeWithParent(className: string): boolean {
  const row = classRow(className);
  return row?.creatable === 'never' && row.configurable !== false && row.naming.length === 0 && !row.in.includes('*');
}

/** `uid` of what no user has made (apic-protocol.md §6.4). */
export const MADE_BY_APIC = '0';

/** Makes what the APIC makes below a new object. */
export function createImplicitChildren(transaction: Transaction, object: StoredObject): void {
  for (const className of implicitChildClasses(object.className)) {
    const rn = classRow(className)?.rn ?? '';
    if (object.children.has(rn)) continue;
    createImplicitChildren(transaction, transaction.create(className, object, rn, { uid: MADE_BY_APIC }));
  }
}
