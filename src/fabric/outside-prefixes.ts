import { type FlatObject, parentDn, splitDn } from '#model/aci';
import { formatPrefix, parsePrefix } from '#model/net';
import type { Finding } from '#model/policy';
import { isOurs, type ObjectMap } from './diff.js';

/** What a plan is made from, as far as prefixes outside the cluster are concerned. */
interface Sides {
  readonly desired: ObjectMap;
  readonly actual: ObjectMap;
  readonly clusterId: string;
}

/**
 * Prefixes that we want in an external EPG and that somebody else's external EPG of the same VRF has already, with the Dn
 * of that one's. The fabric takes a prefix once in a VRF (policy.md A5, fault F0467). Those that we have are left out:
 * who came second has the fault. Only the mirrored tenant's L3Outs are known here.
 */
export function duplicatePrefixes({ desired, actual, clusterId }: Sides): ReadonlyMap<string, string> {
  const held = new Map<string, string>();
  for (const object of actual.values()) {
    if (!isClassifying(object) || desired.has(object.dn) || isOurs(actual, object, clusterId)) continue;
    const place = placeOf(object, [actual]);
    if (place !== undefined && !held.has(place)) held.set(place, object.dn);
  }
  const duplicates = new Map<string, string>();
  if (held.size === 0) return duplicates;
  for (const object of desired.values()) {
    const place = isClassifying(object) ? placeOf(object, [desired, actual]) : undefined;
    const other = place === undefined ? undefined : held.get(place);
    if (other !== undefined) duplicates.set(object.dn, other);
  }
  return duplicates;
}

/** One finding for each prefix that another external EPG has (policy.md §3.11, EXT_DUP). */
export const duplicateFindings = (duplicates: ReadonlyMap<string, string>): readonly Finding[] =>
  [...duplicates].map(([dn, other]) => ({
    code: 'EXT_DUP',
    severity: 'error',
    object: `ACI/${dn}`,
    message: `the prefix is already in ${other}, and a VRF takes it in one external EPG only (F0467); it is not made. The contracts of ${parentDn(dn) ?? ''} do not hold for these addresses: traffic with them passes only as far as those of the other external EPG let it`,
  }));

/**
 * Subnets of the L3Out's own interfaces: the fabric lets their addresses bypass all contracts, unless the subnet itself is
 * in an external EPG (policy.md A5, EXT_DIRECT). Only where an external EPG of ours has a contract that they would bypass.
 */
export function directSubnets({ desired, actual }: Sides): readonly Finding[] {
  const sides = [desired, actual];
  const vrfs = contractedVrfs(desired, sides);
  if (vrfs.size === 0) return [];
  const named = new Set(
    sides.flatMap((side) => [...side.values()]).flatMap((object) => classifiedPlace(object, sides)),
  );
  const found = new Map<string, Finding>();
  for (const object of actual.values()) {
    const prefix = INTERFACES.has(object.className) ? maskedText(object.attributes['addr']) : undefined;
    const vrf = prefix === undefined ? undefined : vrfOf(object.dn, sides);
    if (prefix === undefined || vrf === undefined || !vrfs.has(vrf)) continue;
    const place = `${vrf} ${prefix}`;
    if (!named.has(place) && !found.has(place)) found.set(place, bypass(object.dn, prefix));
  }
  return [...found.values()];
}

/** VRFs in which an external EPG of ours has a contract. */
function contractedVrfs(desired: ObjectMap, sides: readonly ObjectMap[]): ReadonlySet<string> {
  const related = [...desired.values()].filter(
    ({ className, dn }) => (className === 'fvRsProv' || className === 'fvRsCons') && isExternal(dn),
  );
  return new Set(related.flatMap(({ dn }) => vrfOf(dn, sides) ?? []));
}

/** Where the object classifies addresses; nothing for one that does not. */
function classifiedPlace(object: FlatObject, sides: readonly ObjectMap[]): readonly string[] {
  const place = isClassifying(object) ? placeOf(object, sides) : undefined;
  return place === undefined ? [] : [place];
}

const bypass = (dn: string, prefix: string): Finding => ({
  code: 'EXT_DIRECT',
  severity: 'warning',
  object: `ACI/${dn}`,
  message: `${prefix} is directly connected: the fabric lets its addresses bypass all contracts, only the host agents enforce policies for them. Name exactly ${prefix} in an ipBlock, or add it to an external EPG`,
});

/** Classes whose `addr` is an address with a length on an interface of an L3Out. */
const INTERFACES: ReadonlySet<string> = new Set(['l3extRsPathL3OutAtt', 'l3extMember', 'l3extIp']);

const isExternal = (dn: string): boolean => splitDn(dn)[2]?.startsWith('out-') === true;

const isClassifying = ({ className, attributes }: FlatObject): boolean =>
  className === 'l3extSubnet' && (attributes['scope'] ?? '').split(',').includes('import-security');

/** VRF and prefix: what can be there only once. */
function placeOf(object: FlatObject, sides: readonly ObjectMap[]): string | undefined {
  const prefix = maskedText(object.attributes['ip']);
  const vrf = vrfOf(object.dn, sides);
  return prefix === undefined || vrf === undefined ? undefined : `${vrf} ${prefix}`;
}

/** Name of the VRF of the L3Out that the object is below; L3Outs of one tenant find their VRF by its name. */
function vrfOf(dn: string, sides: readonly ObjectMap[]): string | undefined {
  const relation = `${splitDn(dn).slice(0, 3).join('/')}/rsectx`;
  for (const side of sides) {
    const name = side.get(relation)?.attributes['tnFvCtxName'];
    if (name !== undefined && name !== '') return name;
  }
  return undefined;
}

/** The prefix without host bits; undefined for what is none, and for the address 0.0.0.0 of an interface without one. */
function maskedText(text: string | undefined): string | undefined {
  if (text === undefined || !text.includes('/')) return undefined;
  try {
    return formatPrefix(parsePrefix(text));
  } catch {
    return undefined;
  }
}
