import { childDn, type ManagedObject, rnFor } from '#model/aci';

/** Kinds of parts, in the order in which the tree has them. */
export const PART_KINDS = ['network', 'filter', 'contract', 'group', 'foreign', 'external', 'binding'] as const;
export type PartKind = (typeof PART_KINDS)[number];

/** A part of the fabric that changes as a whole: an object with everything below it. */
export interface FabricPart {
  readonly kind: PartKind;
  /** What it stands for: the name of a filter, a contract or a group. */
  readonly key: string;
  /** Dn of the object above. */
  readonly parent: string;
  readonly object: ManagedObject;
}

/** Parts that came, went or differ, by the Dn of their topmost object; undefined for one that is gone. */
export type PartChanges = ReadonlyMap<string, FabricPart | undefined>;

/** The parts of the desired fabric by kind and key, and which of them changed since somebody asked last. */
export class FabricParts {
  readonly #parts = new Map<PartKind, Map<string, FabricPart>>();
  readonly #changes = new Map<string, FabricPart | undefined>();

  /** Sets the part, or takes it out where it has no object any more. */
  set(kind: PartKind, key: string, parent: string, object: ManagedObject | undefined): void {
    const parts = this.#parts.get(kind) ?? new Map<string, FabricPart>();
    this.#parts.set(kind, parts);
    const before = parts.get(key);
    if (before !== undefined && object !== undefined && isSame(before.object, object)) return;
    if (before !== undefined) this.#changes.set(dnOf(before), undefined);
    if (object === undefined) {
      parts.delete(key);
      return;
    }
    const part = { kind, key, parent, object };
    parts.set(key, part);
    this.#changes.set(dnOf(part), part);
  }

  has(kind: PartKind, key: string): boolean {
    return this.#parts.get(kind)?.has(key) === true;
  }

  count(kind: PartKind): number {
    return this.#parts.get(kind)?.size ?? 0;
  }

  /** What the parts of the kind stand for, in no order. */
  keys(kind: PartKind): Iterable<string> {
    return this.#parts.get(kind)?.keys() ?? [];
  }

  /** Parts of the kind, sorted by key. */
  all(kind: PartKind): readonly FabricPart[] {
    const parts = [...(this.#parts.get(kind)?.values() ?? [])];
    return parts.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** Objects of the kind, sorted by key. */
  objects(kind: PartKind): readonly ManagedObject[] {
    return this.all(kind).map(({ object }) => object);
  }

  /** What changed since the last call. */
  takeChanges(): PartChanges {
    const changes = new Map(this.#changes);
    this.#changes.clear();
    return changes;
  }
}

const dnOf = ({ parent, object }: FabricPart): string => childDn(parent, rnFor(object.className, object.attributes));

/** Equal objects; what both have in common by reference is not looked at. */
function isSame(a: ManagedObject, b: ManagedObject): boolean {
  if (a === b) return true;
  if (a.className !== b.className || a.children.length !== b.children.length) return false;
  const names = Object.keys(a.attributes);
  if (names.length !== Object.keys(b.attributes).length) return false;
  if (names.some((name) => a.attributes[name] !== b.attributes[name])) return false;
  return a.children.every((child, index) => isSame(child, b.children[index] as ManagedObject));
}
