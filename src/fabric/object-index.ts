import { type FlatObject, lookupDns, parentDn } from '#model/aci';

/** Objects by Dn, by class and by parent: what reasoning about a tree needs. */
export class ObjectIndex {
  readonly #byDn: ReadonlyMap<string, FlatObject>;
  readonly #byClass = new Map<string, FlatObject[]>();
  readonly #byParent = new Map<string, FlatObject[]>();

  constructor(objects: Iterable<FlatObject>) {
    const byDn = new Map<string, FlatObject>();
    for (const object of objects) byDn.set(object.dn, object);
    this.#byDn = byDn;
    for (const object of byDn.values()) {
      push(this.#byClass, object.className, object);
      const parent = parentDn(object.dn);
      if (parent !== undefined) push(this.#byParent, parent, object);
    }
  }

  get(dn: string): FlatObject | undefined {
    return this.#byDn.get(dn);
  }

  /** All objects of the class. */
  ofClass(className: string): readonly FlatObject[] {
    return this.#byClass.get(className) ?? [];
  }

  /** Children of an object, of one class or of all. */
  children(dn: string, className?: string): readonly FlatObject[] {
    const children = this.#byParent.get(dn) ?? [];
    return className === undefined ? children : children.filter((child) => child.className === className);
  }

  /**
   * Target of a relation by name: in the tenant of the relation, else in `common`, else none
   * (apic-protocol.md §6.3). `rn` is the target's RN, e.g. `brc-web`.
   */
  named(relationDn: string, rn: string): FlatObject | undefined {
    const [own, shared] = lookupDns(relationDn, rn);
    return this.#byDn.get(own) ?? this.#byDn.get(shared);
  }
}

function push(map: Map<string, FlatObject[]>, key: string, object: FlatObject): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [object]);
  else list.push(object);
}
