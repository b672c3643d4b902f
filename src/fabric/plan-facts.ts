import { type FlatObject, isOurs, type ObjectMap } from '#model/aci';
import { type OwnedSides } from './diff.js';
import { DnTree } from './dn-tree.js';
import { isOutsideObject } from './outside-prefixes.js';
import { denyingContract } from './phases.js';

/** What a plan needs to know of both sides as a whole, beside the changes and the objects that they are about. */
export interface PlanFacts {
  /** Contracts of both sides with a filter that denies. */
  readonly denying: ReadonlySet<string>;
  /** What decides about prefixes outside the cluster, on either side. */
  readonly outside: { readonly desired: ObjectMap; readonly actual: ObjectMap };
  /** Objects of the fabric below a Dn. */
  readonly below: (dn: string) => readonly FlatObject[];
  /** How many objects of the fabric are ours. */
  readonly owned: () => number;
}

/** Finds the facts by a look at all objects. */
export function planFacts({ desired, actual, clusterId }: OwnedSides): PlanFacts {
  const denying = new Set<string>();
  for (const objects of [desired, actual]) {
    for (const object of objects.values()) {
      const key = denyingContract(object);
      if (key !== undefined) denying.add(key);
    }
  }
  let tree: DnTree | undefined;
  const below = (dn: string): readonly FlatObject[] => {
    tree ??= treeOf(actual);
    return [...tree.below(dn)].flatMap((inner) => actual.get(inner) ?? []);
  };
  return {
    denying,
    outside: { desired: outsideObjects(desired), actual: outsideObjects(actual) },
    below,
    owned: () => [...actual.values()].filter((object) => isOurs(actual, object, clusterId)).length,
  };
}

function treeOf(objects: ObjectMap): DnTree {
  const tree = new DnTree();
  for (const dn of objects.keys()) tree.add(dn);
  return tree;
}

const outsideObjects = (objects: ObjectMap): ObjectMap =>
  new Map([...objects.values()].filter(isOutsideObject).map((object) => [object.dn, object]));
