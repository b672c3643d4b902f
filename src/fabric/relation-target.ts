import { classRow, type FlatObject, lookupDns, rnFor } from '#model/aci';

/** What decides about who reaches whom, when it is somebody else's: contracts, filters, groups. */
const POLICY_CLASSES: ReadonlySet<string> = new Set(['vzBrCP', 'vzFilter', 'fvEPg']);

/**
 * Dns of the contract, filter or group that a relation of ours may be to; none for every other object. A name is looked up in the
 * relation's own tenant, then in `common` (apic-protocol.md §6.3): of ours it is in one of the two.
 */
export function policyTargets({ className, dn, attributes }: FlatObject): readonly string[] {
  const relation = classRow(className)?.relation;
  if (relation === undefined || !POLICY_CLASSES.has(relation.to)) return NO_TARGETS;
  if (relation.type === 'explicit') return attributes['tDn'] === undefined ? NO_TARGETS : [attributes['tDn']];
  const name = attributes[`tn${relation.to.slice(0, 1).toUpperCase()}${relation.to.slice(1)}Name`];
  if (relation.type !== 'named' || name === undefined || name === '') return NO_TARGETS;
  return lookupDns(dn, rnFor(relation.to, { name }));
}

const NO_TARGETS: readonly string[] = [];
