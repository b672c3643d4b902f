import type { PathGroups } from '#mappers';
import type { CompiledPolicy } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { type JoinedGroups, type JoinPlace, type JoinTargets, joinGroups } from '#policy';
import { type Places, placesOf } from './places.js';

/** What {@link joinBehindLeaves} goes by. */
export interface LeafContext {
  readonly settings: FabricSettings;
  readonly paths: readonly PathGroups[];
  readonly targets: JoinTargets;
}

/**
 * Joins groups that are bound on paths: as many as the targets want, then those behind each leaf that has no room for their
 * VLANs or port VLANs, and those of leaves whose VLANs must agree where the pool has too few. Joining never puts more VLANs
 * on a leaf.
 */
export function joinBehindLeaves(
  compiled: CompiledPolicy,
  { settings, paths, targets }: LeafContext,
  before: JoinedGroups,
): JoinedGroups {
  // Of an encoding before this one groups may have VLANs still; here none is better for it.
  const bare = { ...compiled, groups: compiled.groups.map(withoutVlan) };
  let joined = joinGroups(bare, targets, before);
  for (;;) {
    const { of } = joined;
    const places = tightPlaces(
      placesOf(paths, (group) => of.get(group) ?? group),
      settings,
    );
    if (places.length === 0) return joined;
    const next = joinGroups(bare, { ...targets, places }, joined);
    if (next.of.size === of.size && new Set(next.of.values()).size === new Set(of.values()).size) return next;
    joined = next;
  }
}

const withoutVlan = (group: CompiledPolicy['groups'][number]): CompiledPolicy['groups'][number] =>
  group.kind === 'pods' ? { ...group, vlan: undefined } : group;

/** Places with more groups than there is room for, and for how many there is. */
function tightPlaces(
  { leaves, spaces }: Places,
  { budget: { limits }, vlanPool: { from, to } }: FabricSettings,
): readonly JoinPlace[] {
  const behindLeaves = leaves.map(({ groups, portVlans }) => {
    const share = limits.portVlansPerLeaf / portVlans;
    const byPorts = share < 1 ? Math.min(groups.size - 1, Math.floor(groups.size * share)) : groups.size;
    // One VLAN is the bridge domain's.
    return { groups, podGroups: Math.max(1, Math.min(limits.vlansPerLeaf - 1, byPorts)) };
  });
  const inSpaces = spaces.map(({ groups }) => ({ groups, podGroups: to - from + 1 }));
  return [...behindLeaves, ...inSpaces].filter(({ groups, podGroups }) => groups.size > podGroups);
}
