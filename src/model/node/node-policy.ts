/**
 * What may be opened: port ranges a protocol, sorted and disjoint; everything, whatever the protocol; or nothing.
 * `other` is there where protocols without ports (policy.md N13) may be opened as well.
 */
export type NodeConnections =
  | 'everything'
  | 'nothing'
  | {
      readonly tcp: readonly (readonly [number, number])[];
      readonly udp: readonly (readonly [number, number])[];
      readonly sctp: readonly (readonly [number, number])[];
      readonly other?: true;
    };

/** What may be opened in each IP family. */
export interface NodeFamilyConnections {
  readonly ipv4: NodeConnections;
  readonly ipv6: NodeConnections;
}

/**
 * What one direction of a group grants the peers that no permit names together with it: everything or nothing, or by
 * what the peer is: pods, or addresses that are no pod's.
 */
export type NodeOpenness =
  | 'everything'
  | 'nothing'
  | { readonly pods: NodeFamilyConnections; readonly outside: NodeFamilyConnections };

/** A group of pods that occurs in the node's slice. */
export interface NodePodGroup {
  readonly kind: 'pods';
  readonly name: string;
  readonly egress: NodeOpenness;
  readonly ingress: NodeOpenness;
}

/** Addresses outside the cluster, or an admin's EPG. Nothing isolates it: it grants everything. */
export interface NodeOutsideGroup {
  readonly kind: 'external' | 'foreign';
  readonly name: string;
}

export type NodeGroup = NodePodGroup | NodeOutsideGroup;

/** Which group an address belongs to: longest prefix wins. Pods are /32 or /128 entries. */
export interface NodeAddress {
  readonly prefix: string;
  readonly group: string;
}

/** A pod of this node that policy applies to. */
export interface NodeEndpoint {
  /** `namespace/name`. */
  readonly pod: string;
  readonly ips: readonly string[];
  readonly group: string;
  /** VLAN of the group on the wire between this node and the fabric; absent when it has none here. */
  readonly vlan?: number;
}

/**
 * What the source group may open toward the destination group in the named IP families: all that it may, instead of what
 * the two grant everyone. Several of one pair and family add up.
 */
export interface NodePermit {
  readonly source: string;
  readonly destination: string;
  readonly families: readonly (4 | 6)[];
  readonly connections: NodeConnections;
}

/** Version of {@link NodePolicy} that is written and read. */
export const NODE_POLICY_SCHEMA = 3 as const;

/**
 * The slice of the compiled policy that one node needs: everything its agent enforces. Exact, never approximated. The
 * first group may open toward the second what a permit of the two says; without one, what the first grants everyone on
 * the way out and the second on the way in (policy.md §3.3). The rest is dropped. The agent gets slices, never policies:
 * one compiler, two back ends.
 */
export interface NodePolicy {
  readonly schema: typeof NODE_POLICY_SCHEMA;
  readonly node: string;
  /** Hash of the rest: equal slices have equal revisions. */
  readonly revision: string;
  /** The fabric's gateway on the pods' bridge domain: its addresses and its MAC. */
  readonly gateway: { readonly addresses: readonly string[]; readonly mac: string };
  /** Addresses of the node itself: traffic between a pod and its own node is always allowed (policy.md N22). */
  readonly nodeAddresses: readonly string[];
  /** Groups that have addresses. An address of a group that is not here may open and accept nothing in general. */
  readonly groups: readonly NodeGroup[];
  readonly addresses: readonly NodeAddress[];
  readonly endpoints: readonly NodeEndpoint[];
  /** Permits with a local side only. */
  readonly permits: readonly NodePermit[];
}
