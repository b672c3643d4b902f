import type { Attributes } from '#model/aci';
import { ClassList } from './class-list.js';
import type { StoredObject, StoredRecord } from './stored-object.js';

/** Where records are kept that stand beside the tree. */
export interface RecordSource {
  get(dn: string): StoredObject | undefined;
  /** Records of the class, the oldest first; undefined for a class that is none of records. */
  ofClass(className: string): ReadonlySet<StoredObject> | undefined;
  /** The same with what they are about; none for a class that is none of records. */
  latest(className: string): readonly StoredRecord[];
}

/** The objects of the APIC by Dn, by class and by parent. Every operation costs as much as the change, not the tree. */
export class ObjectStore {
  readonly #byDn = new Map<string, StoredObject>();
  readonly #roots = new Set<StoredObject>();
  readonly #byClass = new Map<string, Set<StoredObject>>();
  /** Lists of the classes that were asked for. */
  readonly #lists = new Map<string, ClassList>();
  #records: RecordSource | undefined;

  /** Number of objects. */
  get size(): number {
    return this.#byDn.size;
  }

  get(dn: string): StoredObject | undefined {
    return this.#byDn.get(dn) ?? this.#records?.get(dn);
  }

  /** Objects without a parent, in the order of their creation. */
  roots(): readonly StoredObject[] {
    return [...this.#roots];
  }

  /** Objects of exactly this class, in the order of their creation. */
  ofClass(className: string): ReadonlySet<StoredObject> {
    return this.#byClass.get(className) ?? this.#records?.ofClass(className) ?? new Set();
  }

  /**
   * The same as a list, which a query walks several times faster; undefined for a class that has no objects in the tree.
   * It is the store's own and follows it. Made anew when an object of the class, other than the latest, has gone.
   */
  listOfClass(className: string): ClassList | undefined {
    const known = this.#lists.get(className);
    const objects = this.#byClass.get(className);
    if (known !== undefined || objects === undefined) return known;
    const list = new ClassList(objects);
    this.#lists.set(className, list);
    return list;
  }

  /** Records of a class that are kept, the oldest first. */
  records(className: string): readonly StoredRecord[] {
    return this.#records?.latest(className) ?? [];
  }

  /** From now on finds the records of a log too: they are no part of the tree nor of its size. */
  attachRecords(records: RecordSource): void {
    this.#records = records;
  }

  /** Puts a new object below its parent. The caller has made sure that the Dn is free. */
  insert(object: StoredObject): void {
    this.#byDn.set(object.dn, object);
    if (object.parent === undefined) this.#roots.add(object);
    else object.parent.children.set(object.rn, object);
    const ofClass = this.#byClass.get(object.className);
    if (ofClass === undefined) this.#byClass.set(object.className, new Set([object]));
    else ofClass.add(object);
    this.#lists.get(object.className)?.push(object);
  }

  /** Takes out one object; the caller has taken out what was below it. */
  remove(object: StoredObject): void {
    this.#byDn.delete(object.dn);
    object.parent?.children.delete(object.rn);
    this.#roots.delete(object);
    this.#byClass.get(object.className)?.delete(object);
    if (this.#lists.get(object.className)?.popIfLast(object) === false) this.#lists.delete(object.className);
  }

  /** Gives the object new attributes. */
  replace(object: StoredObject, attributes: Attributes): void {
    object.attributes = attributes;
    this.#lists.get(object.className)?.dropColumns();
  }
}
