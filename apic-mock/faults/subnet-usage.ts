import { parentDn } from '#model/aci';
import type { Change, ObjectStore, StoredObject } from '../tree/index.js';
import { SharedPlaces } from './shared-places.js';

/** Which bridge domains of a VRF have which subnet. */
export class SubnetUsage {
  readonly #places = new SharedPlaces(placeOf);

  /** Follows a subnet as it is now; gives the Dns of the bridge domains concerned. */
  follow(store: ObjectStore, dn: string): readonly string[] {
    return this.#places.follow(store, dn);
  }

  /** Other bridge domains with a subnet of this one. */
  rivalsOf(bridgeDomain: StoredObject): readonly string[] {
    const subnets = [...bridgeDomain.children.values()].filter(({ className }) => className === 'fvSubnet');
    const holders = subnets.flatMap((subnet) => this.#places.claimsBeside(subnet)).map((dn) => parentDn(dn) ?? '');
    return [...new Set(holders)].filter((dn) => dn !== bridgeDomain.dn);
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
