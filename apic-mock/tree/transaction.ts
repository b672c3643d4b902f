import { type Attributes, childDn } from '#model/aci';
import { hasUid, newAttributes } from './defaults.js';
import type { ObjectStore } from './object-store.js';
import type { StoredObject } from './stored-object.js';

/** What one transaction did to one object, in the end. */
export type Change =
  | { readonly kind: 'created'; readonly object: StoredObject; readonly after: Attributes }
  | {
      readonly kind: 'modified';
      readonly object: StoredObject;
      readonly before: Attributes;
      readonly after: Attributes;
      /** The properties that differ, with their new values. */
      readonly changed: Attributes;
      /** Deleted and made again within the transaction: it has lost the children that it had. */
      readonly recreated: boolean;
    }
  | { readonly kind: 'deleted'; readonly object: StoredObject; readonly before: Attributes };

/** Whether the change has taken away what the object had: it is gone, or made anew. */
export const isLost = (change: Change): change is Extract<Change, { readonly before: Attributes }> =>
  change.kind === 'deleted' || (change.kind === 'modified' && change.recreated);

/** Who writes and when: goes into `uid` and `modTs` of what the transaction touches. */
export interface Stamp {
  readonly modTs: string;
  readonly uid: string;
}

interface Touched {
  readonly before: StoredObject | undefined;
  readonly attributes: Attributes | undefined;
}

/**
 * A group of changes that holds as a whole or not at all. Changes are made at once in the store (so that later steps
 * see earlier ones, as in one POST to an APIC) with their inverses kept; nobody else can look in between, because
 * nothing here waits. Cost is that of the change, never of the tree.
 */
export class Transaction {
  readonly store: ObjectStore;
  readonly #stamp: Stamp;
  readonly #undo: (() => void)[] = [];
  readonly #touched = new Map<string, Touched>();

  constructor(store: ObjectStore, stamp: Stamp) {
    this.store = store;
    this.#stamp = stamp;
  }

  /** The number of who writes. */
  get uid(): string {
    return this.#stamp.uid;
  }

  /** When the transaction happens, as `modTs` has it. */
  get time(): string {
    return this.#stamp.modTs;
  }

  /** Makes an object below `parent` (undefined for a root). The caller has made sure that the Dn is free. */
  create(className: string, parent: StoredObject | undefined, rn: string, given: Attributes): StoredObject {
    const dn = childDn(parent?.dn ?? '', rn);
    const stamp = hasUid(className) ? this.#stamp : { modTs: this.#stamp.modTs };
    const attributes = newAttributes(className, dn, { ...stamp, ...given });
    const object: StoredObject = { className, dn, rn, parent, children: new Map(), attributes };
    this.#touch(dn);
    this.store.insert(object);
    this.#undo.push(() => this.store.remove(object));
    return object;
  }

  /** Sets the properties that differ. Nothing happens, and no event follows, when none does. */
  update(object: StoredObject, patch: Attributes): void {
    const before = object.attributes;
    const differs = Object.keys(patch).some((property) => before[property] !== patch[property]);
    if (!differs) return;
    this.#touch(object.dn);
    const after = { ...before, ...patch, modTs: this.#stamp.modTs };
    this.store.replace(object, this.#ifNothingHappened(object, after) ?? after);
    this.#undo.push(() => this.store.replace(object, before));
  }

  /** Removes the object and all below it, the lowest first. */
  remove(object: StoredObject): void {
    for (const child of object.children.values()) this.remove(child);
    this.#touch(object.dn);
    this.store.remove(object);
    this.#undo.push(() => this.store.insert(object));
  }

  /** The attributes that the object at the Dn had before this transaction; undefined when there was none. */
  before(dn: string): Attributes | undefined {
    const touched = this.#touched.get(dn);
    return touched === undefined ? this.store.get(dn)?.attributes : touched.attributes;
  }

  /** What has changed so far, in the order in which the objects were first touched. */
  changes(): readonly Change[] {
    const changes: Change[] = [];
    for (const [dn, touched] of this.#touched) {
      const change = changeOf(touched, this.store.get(dn));
      if (change !== undefined) changes.push(change);
    }
    return changes;
  }

  /** Lets what somebody keeps about the store follow when the transaction is taken back. */
  onRollback(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Takes everything back. */
  rollback(): void {
    for (const undo of this.#undo.reverse()) undo();
    this.#undo.length = 0;
    this.#touched.clear();
  }

  /** What the object was before the transaction, when it is to be that again: then its time must not move either. */
  #ifNothingHappened(object: StoredObject, after: Attributes): Attributes | undefined {
    const touched = this.#touched.get(object.dn);
    if (touched?.before !== object || touched.attributes === undefined) return undefined;
    return onlyTimeDiffers(difference(touched.attributes, after)) ? touched.attributes : undefined;
  }

  #touch(dn: string): void {
    if (this.#touched.has(dn)) return;
    const before = this.store.get(dn);
    this.#touched.set(dn, { before, attributes: before?.attributes });
  }
}

function changeOf(touched: Touched, object: StoredObject | undefined): Change | undefined {
  const { before, attributes } = touched;
  if (before === undefined || attributes === undefined) {
    return object === undefined ? undefined : { kind: 'created', object, after: object.attributes };
  }
  if (object === undefined) return { kind: 'deleted', object: before, before: attributes };
  const changed = difference(attributes, object.attributes);
  const recreated = before !== object;
  if (onlyTimeDiffers(changed) && !recreated) return undefined;
  return { kind: 'modified', object, before: attributes, after: object.attributes, changed, recreated };
}

const onlyTimeDiffers = (changed: Attributes): boolean =>
  Object.keys(changed).every((property) => property === 'modTs');

function difference(before: Attributes, after: Attributes): Attributes {
  return Object.fromEntries(Object.entries(after).filter(([property, value]) => before[property] !== value));
}
