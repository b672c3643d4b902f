import { parentDn } from '#model/aci';
import type { ObjectStore, StoredObject } from '../tree/index.js';

/**
 * Which objects claim which place, where a second claim of one place is a fault: a prefix in a VRF, a subnet in a VRF. An
 * object's place changes with objects above it, so places are remembered.
 */
export class SharedPlaces {
  readonly #placeOf: (object: StoredObject) => string | undefined;
  readonly #claims = new Map<string, Set<string>>();
  readonly #places = new Map<string, string>();

  /** `placeOf` gives the place that an object claims, or undefined. */
  constructor(placeOf: (object: StoredObject) => string | undefined) {
    this.#placeOf = placeOf;
  }

  /** Follows an object as it is now; gives the Dns of the parents of all objects that the change concerns. */
  follow(store: ObjectStore, dn: string): readonly string[] {
    const object = store.get(dn);
    const before = this.#places.get(dn);
    const after = object === undefined ? undefined : this.#placeOf(object);
    if (before === after) return [];
    const concerned = new Set([parentDn(dn) ?? '']);
    if (before !== undefined) this.#leave(dn, before);
    for (const place of [before, after]) for (const other of this.#at(place)) concerned.add(parentDn(other) ?? '');
    if (after !== undefined) this.#claim(dn, after);
    return [...concerned];
  }

  /** Dns of the objects that claim the same place as the object, the oldest claim first, the object's own included. */
  claimsBeside({ dn }: StoredObject): readonly string[] {
    return [...this.#at(this.#places.get(dn))];
  }

  #at(place: string | undefined): ReadonlySet<string> {
    return (place === undefined ? undefined : this.#claims.get(place)) ?? NOBODY;
  }

  #claim(dn: string, place: string): void {
    const claims = this.#claims.get(place);
    if (claims === undefined) this.#claims.set(place, new Set([dn]));
    else claims.add(dn);
    this.#places.set(dn, place);
  }

  #leave(dn: string, place: string): void {
    const claims = this.#claims.get(place);
    claims?.delete(dn);
    if (claims?.size === 0) this.#claims.delete(place);
    this.#places.delete(dn);
  }
}

const NOBODY: ReadonlySet<string> = new Set();
