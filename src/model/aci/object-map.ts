import { canonicalValue } from './canonical.js';
import type { FlatObject } from './managed-object.js';

/** Objects by Dn. */
export type ObjectMap = ReadonlyMap<string, FlatObject>;

/** Both sides in the APIC's own spelling (DESIGN.md §6.4). */
export function canonicalObject(object: FlatObject): FlatObject {
  const attributes: Record<string, string> = {};
  for (const [property, value] of Object.entries(object.attributes)) {
    attributes[property] = canonicalValue(object.className, property, value);
  }
  return { ...object, attributes };
}

/** Objects by Dn in canonical form; later ones of the same Dn are merged over earlier ones. */
export function canonicalMap(objects: Iterable<FlatObject>): Map<string, FlatObject> {
  const map = new Map<string, FlatObject>();
  for (const object of objects) {
    const canonical = canonicalObject(object);
    const known = map.get(object.dn);
    map.set(
      object.dn,
      known === undefined ? canonical : { ...canonical, attributes: { ...known.attributes, ...canonical.attributes } },
    );
  }
  return map;
}

/** Whether two objects of one Dn are the same in class and attributes. */
export function isSameObject(one: FlatObject | undefined, other: FlatObject | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined || one.className !== other.className) return false;
  const names = Object.keys(one.attributes);
  return (
    names.length === Object.keys(other.attributes).length &&
    names.every((name) => one.attributes[name] === other.attributes[name])
  );
}
