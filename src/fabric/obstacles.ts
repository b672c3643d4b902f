import type { ObjectMap } from '#model/aci';
import type { Change } from './diff.js';
import { duplicatePrefixes } from './outside-prefixes.js';

/** What keeps changes from being made, whatever is wanted. */
export interface Obstacles {
  /** Dns that the configuration says an admin made, and that are not there. */
  readonly missing: readonly string[];
  /** Prefixes that an external EPG of somebody else's has, with its Dn. */
  readonly duplicates: ReadonlyMap<string, string>;
  /** Whether a change can be made: not below a missing object, which that would create, and no prefix that another has. */
  readonly isPossible: (change: Change) => boolean;
}

/** What obstacles are found in: both sides, as far as prefixes outside the cluster are concerned, and all that the fabric has. */
export interface ObstacleSides {
  readonly desired: ObjectMap;
  readonly actual: ObjectMap;
  readonly marks: ObjectMap;
  readonly clusterId: string;
}

/** Finds what is in the way. `references` are Dns of objects that an admin makes. */
export function obstacles(references: readonly string[], sides: ObstacleSides): Obstacles {
  const missing = references.filter((dn) => !sides.marks.has(dn));
  const duplicates = duplicatePrefixes(sides);
  const isPossible = ({ kind, object: { dn } }: Change): boolean =>
    !missing.some((absent) => dn === absent || dn.startsWith(`${absent}/`)) &&
    (kind !== 'create' || !duplicates.has(dn));
  return { missing, duplicates, isPossible };
}
