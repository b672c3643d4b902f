import type { Attributes } from '#model/aci';

/**
 * One managed object of the tree. `attributes` holds every property of its class but dn, rn, status and childAction,
 * and is replaced, never changed in place: whoever keeps the old value has the state before.
 */
export interface StoredObject {
  readonly className: string;
  readonly dn: string;
  readonly rn: string;
  readonly parent: StoredObject | undefined;
  readonly children: Map<string, StoredObject>;
  attributes: Attributes;
}

/** A record about an object, which may be gone: it stands beside the tree, at `subj-[<affected>]/…`. */
export interface StoredRecord extends StoredObject {
  /** Dn of the object. */
  readonly affected: string;
}

/** The object and all below it, parents first. */
export function* subtreeOf(object: StoredObject): Generator<StoredObject> {
  yield object;
  for (const child of object.children.values()) yield* subtreeOf(child);
}

/** Visits the object and all below it, parents first: {@link subtreeOf} for large trees. */
export function visitSubtree(object: StoredObject, visit: (object: StoredObject) => void): void {
  visit(object);
  for (const child of object.children.values()) visitSubtree(child, visit);
}

/** The object's ancestors from its parent up. */
export function* ancestorsOf(object: StoredObject): Generator<StoredObject> {
  for (let above = object.parent; above !== undefined; above = above.parent) yield above;
}

/** The child of the class that has no name of its own, e.g. the `rsbd` of an EPG; else the first of the class. */
export function childOfClass(object: StoredObject, className: string): StoredObject | undefined {
  for (const child of object.children.values()) if (child.className === className) return child;
  return undefined;
}
