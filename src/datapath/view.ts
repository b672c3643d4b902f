import type { ConnSet, Prefix } from '#model/net';

/** A pod of this node that is plugged in and that policy knows. IPv4 only so far. */
export interface LocalPod {
  /** `namespace/name`. */
  readonly pod: string;
  readonly port: number;
  readonly mac: string;
  readonly addresses: readonly string[];
  /** Tag of its group. */
  readonly group: number;
  /** VLAN of its group on this node, or undefined when the group has none: such a pod is not reached through the fabric. */
  readonly vlan: number | undefined;
}

/** A prefix and the tag of the group that has its addresses. */
export interface GroupPrefix {
  readonly prefix: Prefix;
  readonly group: number;
}

/** Protocols and ports that permits and groups share, by id; or everything, whatever the protocol; or nothing. */
export type ConnectionSet = 'everything' | 'nothing' | { readonly id: number; readonly allowed: ConnSet };

/** A permit by tags and ids. */
export interface TaggedPermit {
  readonly id: number;
  readonly source: number;
  readonly destination: number;
  readonly connections: ConnectionSet;
}

/** What one direction of a group grants everyone in IPv4, by what the peer is. */
export interface OpenTo<Set> {
  readonly pods: Set;
  readonly outside: Set;
}

/** A group of pods by its tag, with what it grants everyone. */
export interface TaggedGroup {
  readonly tag: number;
  readonly egress: OpenTo<ConnectionSet>;
  readonly ingress: OpenTo<ConnectionSet>;
}

/** What the tables are made from: the node's policy joined with the bridge, in numbers, in a stable order. */
export interface DatapathView {
  readonly gateway: { readonly mac: string; readonly addresses: readonly string[] };
  readonly uplink: number | undefined;
  /** The node's own interface and addresses; undefined while the bridge has none. */
  readonly host: { readonly mac: string; readonly addresses: readonly string[] } | undefined;
  readonly pods: readonly LocalPod[];
  readonly prefixes: readonly GroupPrefix[];
  /** Groups of pods. */
  readonly groups: readonly TaggedGroup[];
  readonly permits: readonly TaggedPermit[];
}
