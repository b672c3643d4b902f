import { classRow, type FlatObject, rnFor, splitDn } from '#model/aci';

/** What decides about who reaches whom, when it is somebody else's: contracts, filters, groups. */
const POLICY_CLASSES: ReadonlySet<string> = new Set(['vzBrCP', 'vzFilter', 'fvEPg']);

/**
 * Dn of the contract, filter or group that a relation of ours is to; undefined for every other object. A name is one of the
 * relation's own tenant, as all of the gateway's are.
 */
export function policyTarget({ className, dn, attributes }: FlatObject): string | undefined {
  const relation = classRow(className)?.relation;
  if (relation === undefined || !POLICY_CLASSES.has(relation.to)) return undefined;
  if (relation.type === 'explicit') return attributes['tDn'];
  const name = attributes[`tn${relation.to.slice(0, 1).toUpperCase()}${relation.to.slice(1)}Name`];
  if (relation.type !== 'named' || name === undefined || name === '') return undefined;
  return [...splitDn(dn).slice(0, 2), rnFor(relation.to, { name })].join('/');
}
