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
    for (const object of held.values()) {
      if (object.className !== 'fvIp') continue;
      const address = canonicalIp(object.attributes['addr'] ?? '');
      if (address === undefined || !addresses.has(address)) continue;
      const endpoint = held.get(parentDn(object.dn) ?? '');
      if (endpoint === undefined || vrfOf(mirror, group, [object, endpoint]) !== vrf) continue;
      const { mac = endpoint.attributes['name'] ?? '' } = endpoint.attributes;
      const seen = { address, mac, group, paths: pathsOf(held, endpoint.dn) };
      const others = found.get(address);
      if (others === undefined) found.set(address, [seen]);
      else others.push(seen);
    }
  }
  return found;
}

const pathsOf = (held: ReadonlyMap<string, FlatObject>, endpoint: string): readonly string[] =>
  [...held.values()]
    .filter(({ className, dn }) => className === 'fvRsCEpToPathEp' && parentDn(dn) === endpoint)
    .flatMap(({ attributes }) => attributes['tDn'] ?? []);

/** The VRF that an endpoint is in: as it says itself, or that of its group's bridge domain. */
function vrfOf(mirror: InventoryMirror, group: string, said: readonly FlatObject[]): string | undefined {
  const own = said.map(({ attributes }) => attributes['vrfDn'] ?? '').find((dn) => dn !== '');
  if (own !== undefined) return own;
  const bridgeDomain = mirror.heldBy(group).get(`${group}/rsbd`)?.attributes['tDn'] ?? '';
  const holder = splitDn(bridgeDomain).slice(0, 3).join('/');
  return mirror.heldBy(holder).get(`${bridgeDomain}/rsctx`)?.attributes['tDn'];
}
