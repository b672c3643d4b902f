import { isClassifying } from '#fabric';
import { canonicalIp } from '#mappers';
import { type Attributes, type ObjectMap, parentDn, rnOfDn } from '#model/aci';
import { formatPrefix, hostPrefix, type Prefix, parseAddress, parsePrefix } from '#model/net';
import type { InventoryMirror } from './inventory-mirror.js';
import { vrfOf } from './learned-addresses.js';

/** Where the addresses of a group are looked up. */
export interface GroupSources {
  /** Endpoints. */
  readonly mirror: Pick<InventoryMirror, 'holders' | 'heldBy'>;
  /** Configuration: subnets of external EPGs. */
  readonly objects: ObjectMap;
}

/**
 * Addresses of a group of the fabric: the subnets of an external EPG, or those that the fabric has learned of the endpoints in an
 * EPG. An endpoint that a selector puts into an endpoint security group is in that, not in its EPG: no contract of the EPG's holds
 * for it, nor one of the pods' with the security group (policy.md A19).
 */
export function groupPrefixes(dn: string, { mirror, objects }: GroupSources): readonly Prefix[] {
  if (isExternalGroup(dn)) return subnetsOf(dn, objects);
  const held = mirror.heldBy(dn);
  const found: Prefix[] = [];
  for (const { className, dn: at, attributes } of held.values()) {
    if (className !== 'fvIp' || groupOf([attributes, held.get(parentDn(at) ?? '')?.attributes], dn) !== dn) continue;
    const address = canonicalIp(attributes['addr'] ?? '');
    if (address !== undefined) found.push(hostPrefix(parseAddress(address)));
  }
  return found;
}

/** Whether the group is an external EPG: its addresses are configuration, and not learned. */
export const isExternalGroup = (dn: string): boolean => rnOfDn(dn).startsWith('instP-');

/** Addresses of all endpoints that are not known to be in another VRF, with the group that each is in. `vrf` is a Dn. */
export function groupsOfAddresses(mirror: GroupSources['mirror'], vrf: string): ReadonlyMap<string, string> {
  const groups = new Map<string, string>();
  for (const holder of mirror.holders()) {
    const held = mirror.heldBy(holder);
    for (const object of held.values()) {
      const { className, dn, attributes } = object;
      const address = className === 'fvIp' ? canonicalIp(attributes['addr'] ?? '') : undefined;
      if (address === undefined) continue;
      const endpoint = held.get(parentDn(dn) ?? '');
      const itsVrf = vrfOf(mirror, holder, endpoint === undefined ? [object] : [object, endpoint]);
      if (itsVrf !== undefined && itsVrf !== vrf) continue;
      const group = groupOf([attributes, endpoint?.attributes], holder);
      groups.set(formatPrefix(hostPrefix(parseAddress(address))), group);
    }
  }
  return groups;
}

/** The group that an address below a holder is in: one that a selector names by its address, or its endpoint. */
function groupOf(selected: readonly (Attributes | undefined)[], holder: string): string {
  const dns = selected.map((attributes) => attributes?.['esgUsegDn'] ?? '');
  return dns.find((dn) => dn !== '') ?? holder;
}

function subnetsOf(dn: string, objects: ObjectMap): readonly Prefix[] {
  const found: Prefix[] = [];
  for (const object of objects.values()) {
    if (isClassifying(object) && object.dn.startsWith(`${dn}/`)) found.push(...prefixIn(object.attributes['ip']));
  }
  return found;
}

function prefixIn(text: string | undefined): readonly Prefix[] {
  try {
    return text === undefined ? [] : [parsePrefix(text)];
  } catch {
    return [];
  }
}
