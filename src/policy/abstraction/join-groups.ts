import type { CompiledPolicy, Group, GroupName } from '#model/policy';
import { Cluster, keptGroup } from './cluster.js';
import { Chain, joinCheapest } from './join-cheapest.js';
import { type Profiles, profilesOf } from './profiles.js';

/** How many groups there may be in the fabric. */
export interface JoinTargets {
  readonly podGroups: number;
  readonly externalGroups: number;
  /** Where there is room for some of them only. */
  readonly places?: readonly JoinPlace[];
}

/** Groups that stand in one place, as behind a leaf, and how many fabric's groups may be left of them. */
export interface JoinPlace {
  readonly groups: ReadonlySet<GroupName>;
  readonly podGroups: number;
}

/** Which groups are one in the fabric. */
export interface JoinedGroups {
  /** Name of the fabric's group for every group that was joined with others, its own included. */
  readonly of: ReadonlyMap<GroupName, GroupName>;
  /** Fabric's groups that permit something that one of theirs did not; the others are exact. */
  readonly approximate: ReadonlySet<GroupName>;
}

export const NOTHING_JOINED: JoinedGroups = { of: new Map(), approximate: new Set() };

/**
 * Joins groups for the fabric until there are as few as wanted and each has a VLAN (policy.md §3.10): first those that lose
 * nothing by it, then those for which the least is added; inside a namespace first, then across. What was joined before stays
 * joined. With targets of 1 all groups of pods are one, which is still correct: the fabric permits more, the hosts are
 * exact.
 *
 * Groups are sorted by what they have in common, and each is compared with its {@link Chain neighbours} only: g groups with
 * p pairs take O((g + p) · log g), and not the square of the groups. Pure: equal inputs give equal results.
 */
export function joinGroups(
  compiled: CompiledPolicy,
  { podGroups, externalGroups, places = [] }: JoinTargets,
  before: JoinedGroups = NOTHING_JOINED,
): JoinedGroups {
  const profiles = profilesOf(compiled);
  const clusters = clustersOf(compiled.groups, profiles, before);
  const pods = clusters.filter(({ groups }) => groups[0]?.kind === 'pods');
  const external = clusters.filter(({ groups }) => groups[0]?.kind === 'external');
  reducePods(pods, profiles, podGroups);
  for (const place of places) {
    const here = pods.filter(({ alive, groups }) => alive && groups.some(({ name }) => place.groups.has(name)));
    reducePods(here, profiles, place.podGroups);
  }
  reduceExternal(external, profiles, externalGroups);
  return result([...pods, ...external], before);
}

/** A cluster for every group, or for those that were one before. */
function clustersOf(groups: readonly Group[], profiles: Profiles, before: JoinedGroups): readonly Cluster[] {
  const byName = new Map<string, Cluster>();
  for (const group of groups) {
    if (group.kind !== 'pods' && group.kind !== 'external') continue;
    // A name can come back for something else: groups of other kinds and families are never one.
    const family = group.kind === 'external' ? group.family : '';
    const key = `${group.kind} ${family} ${before.of.get(group.name) ?? group.name}`;
    const cluster = new Cluster(group, profiles);
    const known = byName.get(key);
    if (known === undefined) byName.set(key, cluster);
    else known.join(cluster, profiles.weights);
  }
  return [...byName.values()];
}

function reducePods(clusters: readonly Cluster[], profiles: Profiles, target: number): void {
  const inside = (): readonly Chain[] => chainsOf(clusters, profiles, namespaceOf);
  const across = (): readonly Chain[] => chainsOf(clusters, profiles, () => '');
  const alone = ({ hasVlan }: Cluster): boolean => !hasVlan;
  // Where none has a VLAN there is nothing to gain from one.
  const withoutVlan = clusters.every(alone) ? 0 : clusters.filter(alone).length;
  const count = { clusters: clusters.length, withoutVlan };
  for (const chains of [inside, across]) {
    if (count.withoutVlan > 0)
      joinCheapest(chains(), { profiles, count, only: alone, until: () => count.withoutVlan === 0 });
  }
  for (const most of [0, Number.POSITIVE_INFINITY]) {
    for (const chains of [inside, across]) {
      if (count.clusters > target)
        joinCheapest(chains(), { profiles, count, most, until: () => count.clusters <= target });
    }
  }
}

function reduceExternal(clusters: readonly Cluster[], profiles: Profiles, target: number): void {
  const count = { clusters: clusters.length, withoutVlan: 0 };
  const familyOf = ({ groups }: Cluster): string => (groups[0]?.kind === 'external' ? `${groups[0].family}` : '');
  if (count.clusters <= target) return;
  joinCheapest(chainsOf(clusters, profiles, familyOf), { profiles, count, until: () => count.clusters <= target });
}

/** The one namespace of the cluster's groups; a text that no namespace has where there are several. */
function namespaceOf({ groups }: Cluster): string {
  const namespaces = new Set(groups.map((group) => (group.kind === 'pods' ? (group.namespace ?? '') : '')));
  const [first = ''] = namespaces;
  return namespaces.size === 1 ? first : `/${groups[0]?.name}`;
}

function chainsOf(
  clusters: readonly Cluster[],
  profiles: Profiles,
  keyOf: (cluster: Cluster) => string,
): readonly Chain[] {
  const byKey = new Map<string, Cluster[]>();
  for (const cluster of clusters) {
    if (!cluster.alive) continue;
    const key = keyOf(cluster);
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, [cluster]);
    else known.push(cluster);
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, own]) => new Chain(own, profiles));
}

function result(clusters: readonly Cluster[], before: JoinedGroups): JoinedGroups {
  const of = new Map<GroupName, GroupName>();
  const approximate = new Set<GroupName>();
  for (const cluster of clusters) {
    if (!cluster.alive || cluster.groups.length < 2) continue;
    const kept = keptGroup(cluster, before.of);
    if (kept === undefined) continue;
    for (const { name } of cluster.groups) of.set(name, kept.name);
    if (cluster.approximate) approximate.add(kept.name);
  }
  return { of, approximate };
}
