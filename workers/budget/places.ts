import type { PathGroups } from '#mappers';
import type { GroupName } from '#model/policy';

/** A leaf, or leaves whose VLANs must agree, and the fabric's groups behind it. */
export interface Place {
  readonly name: string;
  readonly groups: ReadonlySet<GroupName>;
}

/** A leaf. */
export interface LeafPlace extends Place {
  /** VLANs added up over its ports. */
  readonly portVlans: number;
}

/** What stands where, if groups are bound on the paths of their hosts. */
export interface Places {
  readonly leaves: readonly LeafPlace[];
  /** VLAN spaces. */
  readonly spaces: readonly Place[];
}

/** The places with the fabric's groups. Takes time in proportion to bindings. */
export function placesOf(paths: readonly PathGroups[], fabricGroupOf: (group: GroupName) => GroupName): Places {
  const leaves = new Map<string, { readonly groups: Set<GroupName>; portVlans: number }>();
  const spaces = new Map<string, Set<GroupName>>();
  for (const { leaves: onLeaves, space, groups } of paths) {
    const here = new Set([...groups].map(fabricGroupOf));
    const inSpace = spaces.get(space) ?? new Set();
    for (const group of here) inSpace.add(group);
    spaces.set(space, inSpace);
    for (const leaf of onLeaves) {
      const known = leaves.get(leaf) ?? { groups: new Set(), portVlans: 0 };
      for (const group of here) known.groups.add(group);
      known.portVlans += here.size;
      leaves.set(leaf, known);
    }
  }
  return {
    leaves: [...leaves].map(([name, known]) => ({ name, ...known })),
    spaces: [...spaces].map(([name, groups]) => ({ name, groups })),
  };
}

/** The most groups, or port VLANs, that one of the places has. */
export const fullest = <Any>(places: readonly Any[], used: (place: Any) => number): number =>
  places.reduce((most, place) => Math.max(most, used(place)), 0);
