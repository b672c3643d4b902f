import type { ConnSet, IpFamily, Prefix } from '../net/index.js';
import type { Finding } from './finding.js';

/** Name of a group: stable, unique, and for pods the name of its EPG. */
export type GroupName = string;

/** `namespace/name` of a pod. */
export type PodKey = string;

/** What may be opened in each IP family. Where the two sides have one family in common, both say the same. */
export interface FamilyConnections {
  readonly ipv4: ConnSet;
  readonly ipv6: ConnSet;
}

/**
 * What one direction of a group grants to peers that no rule names in particular. Everything when no policy isolates
 * the direction; what rules without peers, and rules for all pods or for a whole address family, allow when one does.
 */
export interface Openness {
  readonly isolated: boolean;
  /** Toward pods. */
  readonly pods: FamilyConnections;
  /** Toward addresses that are no pod's. */
  readonly outside: FamilyConnections;
  /** Rules that grant it; empty when the direction is not isolated. */
  readonly why: readonly RuleReference[];
}

/** Pods that no policy can tell apart. */
export interface PodGroup {
  readonly kind: 'pods';
  readonly name: GroupName;
  /** Undefined where groups may span namespaces (`groupBoundary: none`). */
  readonly namespace: string | undefined;
  /** The workload that owns the pods, e.g. `Deployment/frontend`; undefined for the namespace's base group. */
  readonly workload: string | undefined;
  readonly members: readonly PodKey[];
  /** Families in which its pods have addresses; none without pods. */
  readonly families: readonly IpFamily[];
  /**
   * VLAN of the group at the AEP, 2 to 4094, which the host agents put on its frames; undefined when the pool was exhausted.
   * Where groups are bound path by path it is at most one that was bound there before; the encoding knows those of the hosts.
   */
  readonly vlan: number | undefined;
  /** VNI of the group in the overlay, 1 to 16777215; left out without a pool of them, or when that was exhausted. */
  readonly vni?: number;
  readonly egress: Openness;
  readonly ingress: Openness;
  /** Groups that are this one in the fabric, its own name first; left out where it stands for itself alone. */
  readonly joined?: readonly GroupName[];
}

/** Addresses outside the cluster that no policy can tell apart. Prefixes are matched longest first (policy.md A5). */
export interface ExternalGroup {
  readonly kind: 'external';
  readonly name: GroupName;
  readonly family: IpFamily;
  readonly prefixes: readonly Prefix[];
  /** As of a {@link PodGroup}. */
  readonly joined?: readonly GroupName[];
}

/**
 * An EPG that an admin owns, of VMs or bare metal, or of the cluster's own nodes: addresses outside the cluster to every
 * policy, an EPG to the fabric (policy.md §3.2, point 4). Related by contract, never edited. One EPG is several groups
 * where policies tell its addresses apart.
 */
export interface ForeignGroup {
  readonly kind: 'foreign' | 'nodes';
  readonly name: GroupName;
  readonly dn: string;
  readonly prefixes: readonly Prefix[];
}

export type Group = PodGroup | ExternalGroup | ForeignGroup;

/** The rule that asked for a permit. `rule` counts from 0; `policy` is undefined for a side that no policy isolates. */
export interface RuleReference {
  readonly policy: string;
  readonly direction: 'ingress' | 'egress';
  readonly rule: number;
}

/** What the source may open toward the destination (policy.md §3.3). A permit of a group with itself is listed as well. */
export interface Permit {
  readonly source: GroupName;
  readonly destination: GroupName;
  /** `ip` where it holds in every family that both have; else the one family in which it holds. */
  readonly family: 'ip' | 'ipv4' | 'ipv6';
  readonly connections: ConnSet;
  /** Rules that asked for it; empty where neither side is isolated. */
  readonly why: readonly RuleReference[];
}

/**
 * What one group may open toward another, where that is not what both sides grant everyone: the pair's whole
 * connections, which replace what the two {@link Openness} say. Nothing where a tier above NetworkPolicy denies.
 */
export interface Pair {
  readonly source: GroupName;
  readonly destination: GroupName;
  readonly connections: FamilyConnections;
  readonly why: readonly RuleReference[];
}

/** The compiler's result: one result, two back ends, fabric and hosts. */
export interface CompiledPolicy {
  readonly groups: readonly Group[];
  /** Group of every policy endpoint. */
  readonly membership: ReadonlyMap<PodKey, GroupName>;
  /** Sorted by source, then destination. */
  readonly pairs: readonly Pair[];
  readonly findings: readonly Finding[];
  readonly allocation: Allocation;
}

/** One remembered group. `signature` is the hash of what policies saw in it when it was last compiled. */
export interface AllocatedGroup {
  readonly name: GroupName;
  /** VLAN at the AEP; undefined for a group that has none there. */
  readonly vlan: number | undefined;
  /** VNI in the overlay; left out for a group that has none. */
  readonly vni?: number;
  readonly signature: string;
}

/** A remembered group that is not in use. `since` is the time at which it no longer was, in the unit of the compiler's times. */
export interface RestingGroup extends AllocatedGroup {
  readonly since: number;
}

/** A VLAN whose group is gone from the leaves, and since when. */
export interface RestingVlan {
  readonly vlan: number;
  readonly since: number;
}

/** VLANs on the leaves of one VLAN space: a leaf, or leaves whose VLANs must agree (policy.md A2). */
export interface VlanSpace {
  /** VLAN of every group that is bound there. */
  readonly bound: ReadonlyMap<GroupName, number>;
  /** VLANs of groups that were bound there, the longest gone first: others get them when they rested and no other number is left. */
  readonly resting: ReadonlyMap<GroupName, RestingVlan>;
}

/** The compiler's only memory: names and VLANs given so far, and who was where, so that nothing churns (policy.md §3.9). */
export interface Allocation {
  /** Groups in use. */
  readonly groups: ReadonlyMap<GroupName, AllocatedGroup>;
  /** Groups that are gone, the longest gone first. */
  readonly resting: ReadonlyMap<GroupName, RestingGroup>;
  /** As of when this holds, and for how long numbers of groups that are gone rest. */
  readonly time: { readonly now: number; readonly restFor: number };
  readonly membership: ReadonlyMap<PodKey, GroupName>;
  /** Whether groups were also split by workload; undefined when nothing is remembered. */
  readonly preSplit: boolean | undefined;
  /** VLANs of groups that are bound path by path, by the name of the VLAN space. */
  readonly spaces: ReadonlyMap<string, VlanSpace>;
}

export const EMPTY_ALLOCATION: Allocation = {
  groups: new Map(),
  resting: new Map(),
  time: { now: 0, restFor: 0 },
  membership: new Map(),
  preSplit: undefined,
  spaces: new Map(),
};
