import { parentDn } from '#model/aci';
import type { Change, ObjectStore, StoredObject } from '../tree/index.js';

/**
 * Which external groups of a VRF classify by which prefix: the same one twice is a fault of the later (policy.md A5).
 * Scopes change with the VRF of the L3Out, so that the place of each prefix is remembered.
 */
export class PrefixUsage {
  readonly #holders = new Map<string, Set<string>>();
  readonly #placeOf = new Map<string, string>();

  /** Follows a prefix as it is now; gives the Dns of the external groups concerned. */
  follow(store: ObjectStore, dn: string): readonly string[] {
    const object = store.get(dn);
    const before = this.#placeOf.get(dn);
    const after = object === undefined ? undefined : placeOf(object);
    if (before === after) return [];
    const concerned = new Set([parentDn(dn) ?? '']);
    if (before !== undefined) {
      const holders = this.#holders.get(before);
      holders?.delete(dn);
      for (const other of holders ?? []) concerned.add(parentDn(other) ?? '');
      if (holders?.size === 0) this.#holders.delete(before);
      this.#placeOf.delete(dn);
    }
    if (after !== undefined) {
      const holders = this.#holders.get(after);
      if (holders === undefined) this.#holders.set(after, new Set([dn]));
      else holders.add(dn);
      this.#placeOf.set(dn, after);
    }
    return [...concerned];
  }

  /** The prefix object of another external group that had the prefix before this one. */
  holderBefore(subnet: StoredObject): string | undefined {
    const place = this.#placeOf.get(subnet.dn);
    const [first] = (place === undefined ? undefined : this.#holders.get(place)) ?? [];
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
