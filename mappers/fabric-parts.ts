import { childDn, type ManagedObject, rnFor } from '#model/aci';

/** Kinds of parts, in the order in which the tree has them. */
export type PartKind = 'network' | 'filter' | 'contract' | 'group' | 'foreign' | 'external' | 'binding';

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

const isSame = (a: ManagedObject, b: ManagedObject): boolean => JSON.stringify(a) === JSON.stringify(b);
