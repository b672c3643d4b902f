import type { Attributes } from '#model/aci';
import type { StoredObject } from './stored-object.js';

/** The objects of the APIC by Dn, by class and by parent. Every operation costs as much as the change, not the tree. */
export class ObjectStore {
  readonly #byDn = new Map<string, StoredObject>();
  readonly #roots = new Set<StoredObject>();
  readonly #byClass = new Map<string, Set<StoredObject>>();
  readonly #records = new Map<string, StoredObject>();

  /** Number of objects. */
  get size(): number {
    return this.#byDn.size;
  }

  get(dn: string): StoredObject | undefined {
    return this.#byDn.get(dn) ?? this.#records.get(dn);
  }

  /** Objects without a parent, in the order of their creation. */
  roots(): readonly StoredObject[] {
    return [...this.#roots];
  }

  /** Objects of exactly this class, in the order of their creation. */
  ofClass(className: string): ReadonlySet<StoredObject> {
    return this.#byClass.get(className) ?? new Set();
  }

  /**
   * Keeps a record: found by Dn and class, but no part of the tree nor of its size. When there are more than `limit` of
   * its class, the oldest goes and is given back.
   */
  addRecord(record: StoredObject, limit: number): StoredObject | undefined {
    this.#records.set(record.dn, record);
    const ofClass = this.#byClass.get(record.className) ?? new Set<StoredObject>();
    this.#byClass.set(record.className, ofClass.add(record));
    if (ofClass.size <= limit) return undefined;
    const [oldest] = ofClass;
    if (oldest === undefined) return undefined;
    ofClass.delete(oldest);
    this.#records.delete(oldest.dn);
    return oldest;
  }

  /** Puts a new object below its parent. The caller has made sure that the Dn is free. */
  insert(object: StoredObject): void {
    this.#byDn.set(object.dn, object);
    if (object.parent === undefined) this.#roots.add(object);
    else object.parent.children.set(object.rn, object);
    const ofClass = this.#byClass.get(object.className);
    if (ofClass === undefined) this.#byClass.set(object.className, new Set([object]));
    else ofClass.add(object);
  }

  /** Takes out one object; the caller has taken out what was below it. */
  remove(object: StoredObject): void {
    this.#byDn.delete(object.dn);
    object.parent?.children.delete(object.rn);
    this.#roots.delete(object);
    this.#byClass.get(object.className)?.delete(object);
  }

  /** Gives the object new attributes. */
  replace(object: StoredObject, attributes: Attributes): void {
    object.attributes = attributes;
  }
}
