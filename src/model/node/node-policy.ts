/** A port range list per protocol, or everything. Canonical: sorted, disjoint. */
export type NodeConnections =
  | 'everything'
  | {
      readonly tcp: readonly (readonly [number, number])[];
      readonly udp: readonly (readonly [number, number])[];
      readonly sctp: readonly (readonly [number, number])[];
    };

/** A group that occurs in the node's slice. */
export interface NodeGroup {
  readonly name: string;
  readonly kind: 'pods' | 'external' | 'foreign';
  /** VLAN of a pods group on the wire toward the fabric; absent when it has none. */
  readonly vlan?: number;
}

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
}

/** What the source group may open toward the destination group, in the named IP families. */
export interface NodePermit {
  readonly source: string;
  readonly destination: string;
  readonly families: readonly (4 | 6)[];
  readonly connections: NodeConnections;
}

/**
 * The slice of the compiled policy that one node needs: everything its agent enforces. Exact, never approximated:
 * what no permit allows is dropped. The agent gets slices, never policies: one compiler, two back ends.
 */
export interface NodePolicy {
  readonly schema: 1;
  readonly node: string;
  /** Hash of the rest: equal slices have equal revisions. */
  readonly revision: string;
  /** The fabric's gateway on the pods' bridge domain: its addresses and its MAC. */
  readonly gateway: { readonly addresses: readonly string[]; readonly mac: string };
  /** Addresses of the node itself: traffic between a pod and its own node is always allowed (policy.md N22). */
  readonly nodeAddresses: readonly string[];
  readonly groups: readonly NodeGroup[];
  readonly addresses: readonly NodeAddress[];
  readonly endpoints: readonly NodeEndpoint[];
  /** Permits with a local side only. */
  readonly permits: readonly NodePermit[];
}
