import { canonicalIp } from '#mappers';
import { type FlatObject, type ObjectMap, parentDn, rnOfDn } from '#model/aci';
import { hostPrefix, type Prefix, parseAddress, parsePrefix } from '#model/net';
import type { InventoryMirror } from './inventory-mirror.js';

/** Where the addresses of a group are looked up. */
export interface GroupSources {
  /** Endpoints. */
  readonly mirror: Pick<InventoryMirror, 'holders' | 'heldBy'>;
  /** Configuration: subnets of external EPGs. */
  readonly objects: ObjectMap;
}

/**
 * Addresses of a group of the fabric: the subnets of an external EPG, or those that the fabric has learned of the endpoints in an
 * EPG or endpoint security group. An endpoint that a selector puts into a security group is in that, not in its EPG.
 */
export function groupPrefixes(dn: string, { mirror, objects }: GroupSources): readonly Prefix[] {
  if (rnOfDn(dn).startsWith('instP-')) return subnetsOf(dn, objects);
  const isSecurityGroup = rnOfDn(dn).startsWith('esg-');
  const holders = isSecurityGroup ? mirror.holders() : [dn];
  const found: Prefix[] = [];
  for (const holder of holders) {
    const held = mirror.heldBy(holder);
    for (const { className, dn: at, attributes } of held.values()) {
      if (className !== 'fvIp' || groupOf(held.get(parentDn(at) ?? ''), holder) !== dn) continue;
      const address = canonicalIp(attributes['addr'] ?? '');
      if (address !== undefined) found.push(hostPrefix(parseAddress(address)));
    }
  }
  return found;
}

/** The group that an endpoint below a holder is in. */
function groupOf(endpoint: FlatObject | undefined, holder: string): string {
  const selected = endpoint?.attributes['esgUsegDn'] ?? '';
  return selected === '' ? holder : selected;
}

function subnetsOf(dn: string, objects: ObjectMap): readonly Prefix[] {
  const found: Prefix[] = [];
  for (const { className, dn: subnet, attributes } of objects.values()) {
    if (className === 'l3extSubnet' && subnet.startsWith(`${dn}/`)) found.push(...prefixIn(attributes['ip']));
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
