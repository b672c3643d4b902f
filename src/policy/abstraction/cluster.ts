import type { Group, GroupName } from '#model/policy';
import type { Profiles } from './profiles.js';

/** Groups that are one in the fabric. */
export class Cluster {
  readonly groups: Group[];
  /** Union of what its groups may open and what may be opened toward them. */
  features: Set<number>;
  /** Groups with addresses: only they can use what is added. */
  populated: number;
  hasVlan: boolean;
  /** Whether it permits something that one of its groups did not. */
  approximate = false;
  alive = true;
  /** Counts changes: a cost that was found for another version is of no use. */
  version = 0;
  #weight: number;

  constructor(group: Group, { of, weights }: Profiles) {
    this.groups = [group];
    this.features = new Set(of.get(group.name));
    this.populated = group.kind === 'pods' && group.families.length === 0 ? 0 : 1;
    this.hasVlan = group.kind !== 'pods' || group.vlan !== undefined;
    this.#weight = [...this.features].reduce((sum, feature) => sum + (weights[feature] ?? 0), 0);
  }

  /** What is permitted beyond both when they are joined: what one side has and the other's groups then get. */
  costWith(other: Cluster, weights: Profiles['weights']): number {
    const shared = this.#sharedWith(other, weights);
    return (this.#weight - shared) * other.populated + (other.#weight - shared) * this.populated;
  }

  /** Takes the other's groups. Unions go from the smaller set into the larger. */
  join(other: Cluster, weights: Profiles['weights']): void {
    const cost = this.costWith(other, weights);
    this.approximate ||= other.approximate || cost > 0;
    this.#weight += other.#weight - this.#sharedWith(other, weights);
    const [larger, smaller] =
      this.features.size < other.features.size ? [other.features, this.features] : [this.features, other.features];
    for (const feature of smaller) larger.add(feature);
    this.features = larger;
    this.groups.push(...other.groups);
    this.populated += other.populated;
    this.hasVlan ||= other.hasVlan;
    this.version += 1;
    other.alive = false;
  }

  #sharedWith(other: Cluster, weights: Profiles['weights']): number {
    const [larger, smaller] =
      this.features.size < other.features.size ? [other.features, this.features] : [this.features, other.features];
    let shared = 0;
    for (const feature of smaller) if (larger.has(feature)) shared += weights[feature] ?? 0;
    return shared;
  }
}

/**
 * The group whose name and VLAN stay: one that was it before, then one with a VLAN, then the one with the most pods
 * (policy.md §3.9), then the first by name. Nobody in the group it was moves to another VLAN.
 */
export function keptGroup({ groups }: Cluster, before: ReadonlyMap<GroupName, GroupName>): Group | undefined {
  const rank = (group: Group): readonly number[] => {
    const pods = group.kind === 'pods' ? group.members.length : group.prefixes.length;
    const hasVlan = group.kind !== 'pods' || group.vlan !== undefined;
    return [Number(hasVlan), Number(before.get(group.name) === group.name), pods];
  };
  let best: { readonly group: Group; readonly rank: readonly number[] } | undefined;
  for (const group of groups) {
    const candidate = { group, rank: rank(group) };
    if (best === undefined || precedes(candidate, best)) best = candidate;
  }
  return best?.group;
}

interface Ranked {
  readonly group: Group;
  readonly rank: readonly number[];
}

function precedes(a: Ranked, b: Ranked): boolean {
  for (const [index, value] of a.rank.entries()) {
    const other = b.rank[index] ?? 0;
    if (value !== other) return value > other;
  }
  return a.group.name < b.group.name;
}
