import { parentDn } from '#model/aci';
import type { Change, ObjectStore, StoredObject } from '../tree/index.js';

/** Which bridge domains of a VRF have which subnet. The VRF of a bridge domain changes, so places are remembered. */
export class SubnetUsage {
  readonly #holders = new Map<string, Set<string>>();
  readonly #placeOf = new Map<string, string>();

  /** Follows a subnet as it is now; gives the Dns of the bridge domains concerned. */
  follow(store: ObjectStore, dn: string): readonly string[] {
    const object = store.get(dn);
    const before = this.#placeOf.get(dn);
    const after = object === undefined ? undefined : placeOf(object);
    if (before === after) return [];
    const concerned = new Set([parentDn(dn) ?? '']);
    if (before !== undefined) {
      this.#holders.get(before)?.delete(dn);
      this.#placeOf.delete(dn);
      for (const other of this.#holders.get(before) ?? []) concerned.add(parentDn(other) ?? '');
      if (this.#holders.get(before)?.size === 0) this.#holders.delete(before);
    }
    if (after !== undefined) {
      const holders = this.#holders.get(after) ?? new Set();
      this.#holders.set(after, holders);
      for (const other of holders) concerned.add(parentDn(other) ?? '');
      holders.add(dn);
      this.#placeOf.set(dn, after);
    }
    return [...concerned];
  }

  /** Other bridge domains with a subnet of this one. */
  rivalsOf(bridgeDomain: StoredObject): readonly string[] {
    const rivals = new Set<string>();
    for (const { dn, className } of bridgeDomain.children.values()) {
      const place = className === 'fvSubnet' ? this.#placeOf.get(dn) : undefined;
      for (const other of place === undefined ? [] : (this.#holders.get(place) ?? [])) {
        rivals.add(parentDn(other) ?? '');
      }
    }
    rivals.delete(bridgeDomain.dn);
    return [...rivals];
  }
}

/** VRF and network, once the bridge domain has a VRF. Networks of IPv6 are compared as they are written. */
function placeOf({ attributes, parent }: StoredObject): string | undefined {
  const scope = parent?.attributes.scope ?? '0';
  if (parent?.className !== 'fvBD' || scope === '0' || scope === '') return undefined;
  return `${scope}|${networkOf(attributes.ip ?? '')}`;
}

function networkOf(gateway: string): string {
  const [address = '', length = ''] = gateway.split('/');
  const bytes = address.split('.').map(Number);
  if (bytes.length !== 4) return gateway;
  const bits = Number(length);
  const mask = bits === 0 ? 0 : (0xffff_ffff << (32 - bits)) >>> 0;
  const number = bytes.reduce((all, byte) => all * 256 + byte, 0);
  return `${(number & mask) >>> 0}/${length}`;
}

/** Dns of the subnets that a change concerns: its own, or those of a bridge domain whose VRF changed. */
export function concernedSubnets(change: Change): readonly string[] {
  const { object } = change;
  if (object.className === 'fvSubnet') return [object.dn];
  const isMoved = change.kind === 'modified' && change.changed.scope !== undefined;
  if (object.className !== 'fvBD' || !isMoved) return [];
  return [...object.children.values()].filter(({ className }) => className === 'fvSubnet').map(({ dn }) => dn);
}
