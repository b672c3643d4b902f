import { MARK_KEYS, type ObjectMap, parentDn } from '#model/aci';

const OWNER_MARK = `annotationKey-[${MARK_KEYS.owner}]`;

/** Dn of the object whose owner mark is at the Dn; undefined for anything else. */
export const ownerMarkOf = (dn: string): string | undefined => (dn.endsWith(OWNER_MARK) ? parentDn(dn) : undefined);

/** Who owns which objects of one side, by the marks on them, kept change by change. */
export class OwnerIndex {
  readonly #owners = new Map<string, string>();

  /** Takes in what the side has at the Dn now; nothing but owner marks matters. */
  note(dn: string, objects: ObjectMap): void {
    const owned = ownerMarkOf(dn);
    if (owned === undefined) return;
    const mark = objects.get(dn);
    if (mark === undefined) this.#owners.delete(owned);
    else this.#owners.set(owned, mark.attributes['value'] ?? '');
  }

  /** Cluster id on the object's own mark; undefined where it has none. */
  readonly of = (dn: string): string | undefined => this.#owners.get(dn);
}
