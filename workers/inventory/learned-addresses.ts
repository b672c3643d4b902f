import { canonicalIp, type LearnedAddress } from '#mappers';
import { type FlatObject, parentDn, splitDn } from '#model/aci';
import type { InventoryMirror } from './inventory-mirror.js';

/** Which addresses are asked for: some, in one VRF. */
export interface AddressQuestion {
  readonly addresses: ReadonlySet<string>;
  /** Dn of the VRF. */
  readonly vrf: string;
}

/** Where the fabric has learned the addresses, by canonical address. */
export function learnedAddresses(
  mirror: InventoryMirror,
  { addresses, vrf }: AddressQuestion,
): ReadonlyMap<string, readonly LearnedAddress[]> {
  const found = new Map<string, LearnedAddress[]>();
  for (const group of mirror.holders()) {
    const held = mirror.heldBy(group);
    let paths: ReadonlyMap<string, readonly string[]> | undefined;
    for (const object of held.values()) {
      if (object.className !== 'fvIp') continue;
      const address = canonicalIp(object.attributes['addr'] ?? '');
      if (address === undefined || !addresses.has(address)) continue;
      const endpoint = held.get(parentDn(object.dn) ?? '');
      if (endpoint === undefined || vrfOf(mirror, group, [object, endpoint]) !== vrf) continue;
      const { mac = endpoint.attributes['name'] ?? '' } = endpoint.attributes;
      paths ??= pathsIn(held);
      const seen = { address, mac, group, paths: paths.get(endpoint.dn) ?? [] };
      const others = found.get(address);
      if (others === undefined) found.set(address, [seen]);
      else others.push(seen);
    }
  }
  return found;
}

/** Ports and bundles by the Dn of the endpoint that was seen there. */
function pathsIn(held: ReadonlyMap<string, FlatObject>): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { className, dn, attributes } of held.values()) {
    const path = className === 'fvRsCEpToPathEp' ? attributes['tDn'] : undefined;
    if (path === undefined) continue;
    const endpoint = parentDn(dn) ?? '';
    const others = found.get(endpoint);
    if (others === undefined) found.set(endpoint, [path]);
    else others.push(path);
  }
  return found;
}

/** The VRF that an endpoint is in: as it says itself, or that of its group's bridge domain. */
export function vrfOf(
  mirror: Pick<InventoryMirror, 'heldBy'>,
  group: string,
  said: readonly FlatObject[],
): string | undefined {
  const own = said.map(({ attributes }) => attributes['vrfDn'] ?? '').find((dn) => dn !== '');
  if (own !== undefined) return own;
  const bridgeDomain = mirror.heldBy(group).get(`${group}/rsbd`)?.attributes['tDn'] ?? '';
  const holder = splitDn(bridgeDomain).slice(0, 3).join('/');
  return mirror.heldBy(holder).get(`${bridgeDomain}/rsctx`)?.attributes['tDn'];
}
