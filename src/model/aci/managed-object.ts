import { childDn, rnFor } from './dn.js';

/** Attributes of an object; every value on the wire is a string. */
export type Attributes = Readonly<Record<string, string>>;

/** An object of the ACI tree with its children, as it is written to the APIC. */
export interface ManagedObject {
  readonly className: string;
  readonly attributes: Attributes;
  readonly children: readonly ManagedObject[];
}

/** An object by its Dn, without children: the form in which trees are compared. */
export interface FlatObject {
  readonly className: string;
  readonly dn: string;
  readonly attributes: Attributes;
}

/** What an APIC sends and takes for one object: `{"fvTenant":{"attributes":{…},"children":[…]}}`. */
export interface WireObject {
  readonly [className: string]: {
    readonly attributes: Record<string, string>;
    readonly children?: readonly WireObject[];
  };
}

/** Makes an object; children are optional. */
export const managedObject = (
  className: string,
  attributes: Attributes,
  children: readonly ManagedObject[] = [],
): ManagedObject => ({ className, attributes, children });

/** The wire form. `attributes` stands before `children`: an APIC refuses the other order (apic-protocol.md §3.1). */
export function toWire(object: ManagedObject): WireObject {
  const attributes = { ...object.attributes };
  if (object.children.length === 0) return { [object.className]: { attributes } };
  return { [object.className]: { attributes, children: object.children.map(toWire) } };
}

/** Objects of a tree in order, each with its Dn, parents before children. `parent` is the Dn above the root ('' for `uni`). */
export function flatten(root: ManagedObject, parent: string): readonly FlatObject[] {
  const flat: FlatObject[] = [];
  const visit = (object: ManagedObject, above: string): void => {
    const dn = childDn(above, rnFor(object.className, object.attributes));
    flat.push({ className: object.className, dn, attributes: object.attributes });
    for (const child of object.children) visit(child, dn);
  };
  visit(root, parent);
  return flat;
}
