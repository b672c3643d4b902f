import { parentDn } from '#model/aci';
import type { Change, ObjectStore, StoredObject } from '../tree/index.js';
import { SharedPlaces } from './shared-places.js';

/** Which external groups of a VRF classify by which prefix: the same one twice is a fault of the later (policy.md A5). */
export class PrefixUsage {
  readonly #places = new SharedPlaces(placeOf);

  /** Follows a prefix as it is now; gives the Dns of the external groups concerned. */
  follow(store: ObjectStore, dn: string): readonly string[] {
    return this.#places.follow(store, dn);
  }

  /** The prefix object of another external group that had the prefix before this one. */
  holderBefore(subnet: StoredObject): string | undefined {
    const [first] = this.#places.claimsBeside(subnet);
    return first === undefined || parentDn(first) === parentDn(subnet.dn) ? undefined : first;
  }
}

/** VRF and prefix, of one that classifies in a VRF. */
function placeOf({ attributes, parent }: StoredObject): string | undefined {
  const scope = parent?.attributes.scope ?? '0';
  const classifies = (attributes.scope ?? '').split(',').includes('import-security');
  return scope === '0' || scope === '' || !classifies ? undefined : `${scope}|${attributes.ip ?? ''}`;
}

/** Dns of the prefixes that a change concerns. */
export function concernedPrefixes({ object }: Change): readonly string[] {
  if (object.className === 'l3extSubnet') return [object.dn];
  if (object.className !== 'l3extInstP') return [];
  return [...object.children.values()].filter(({ className }) => className === 'l3extSubnet').map(({ dn }) => dn);
}
