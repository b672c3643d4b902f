import type { PodView, PolicyView, Selector, TieredPolicyView } from '#model/kubernetes';
import type { ConnSet, IpFamily, Prefix } from '#model/net';
import type { FamilyConnections, PodKey, RuleReference } from '#model/policy';
import type { FamilyMask } from './family-mask.js';

// The things that the compiler keeps between two changes, and who refers to whom. They are mutable and never leave the
// folder; what leaves it is a copy.

/** A distinct peer that some rule names; equal peers are one atom (policy.md §3.2). */
export type Atom = SelectorAtom | AddressAtom;

interface AtomBase {
  readonly id: number;
  /** Text that names the peer, whatever else there is: hashes that outlive a process are made of it. */
  readonly key: string;
  /** Policies with a rule that names it. */
  readonly users: Set<PolicyEntry>;
  /** Parties that it holds, with the families in which it does. */
  readonly parties: Map<Party, FamilyMask>;
}

/** Pods by labels, in one namespace or in those that a selector matches. */
export interface Scope {
  readonly namespaces: Selector | { readonly own: string };
  readonly pods: Selector;
}

/** A selector peer. */
export interface SelectorAtom extends AtomBase, Scope {
  readonly kind: 'pods';
}

/** A peer by addresses: what lies in one of the CIDRs and in no exception. */
export type AddressAtom = BlockAtom | NodesAtom;

/** An ipBlock. */
export interface BlockAtom extends AtomBase {
  readonly kind: 'block';
  readonly cidrs: readonly Prefix[];
  readonly except: readonly Prefix[];
}

/** Nodes by their labels: the addresses that they have now. */
export interface NodesAtom extends AtomBase {
  readonly kind: 'nodes';
  readonly nodes: Selector;
  cidrs: readonly Prefix[];
  readonly except: readonly Prefix[];
}

/** Blocks that hold an address: equal sets are one object. */
export interface BlockSet {
  readonly id: number;
  readonly atoms: readonly AddressAtom[];
}

/** Where a rule stands among the others of its direction (policy.md K1–K3). */
export type Tier = 'admin' | 'network' | 'baseline';

/** What a list of ports opens. */
export interface PortList {
  /** Ports by number; everything when the rule names none. */
  readonly ports: ConnSet;
  /** Port names, as {@link namedPortKey}; resolved on the destination. */
  readonly names: readonly string[];
  /** What `ports` allow, in both families; worked out once. */
  granted: FamilyConnections | undefined;
}

/** One rule as the matrix needs it: its peers as atoms, its ports as sets. */
export interface Rule {
  readonly policy: PolicyEntry;
  readonly reference: RuleReference;
  readonly action: 'allow' | 'deny' | 'pass';
  /** Families in which every pod is a peer, and every outside address. */
  readonly everyPod: FamilyMask;
  readonly everyOutside: FamilyMask;
  readonly atoms: readonly Atom[];
  /** Ports by number; everything when the rule names none. */
  readonly ports: ConnSet;
  /** Port names, as {@link namedPortKey}; resolved on the destination. */
  readonly names: readonly string[];
  /** What the rule opens where it matches; `ports` and `names` are its own. */
  readonly list: PortList;
}

/** A policy, with its place in the order of its tier. */
export interface PolicyEntry extends Scope {
  readonly id: number;
  /** `NetworkPolicy/namespace/name`, or `Kind/name` of a policy without a namespace. */
  readonly key: string;
  view: PolicyView | TieredPolicyView;
  readonly tier: Tier;
  /** Lower first; NetworkPolicies have no order. */
  readonly priority: number;
  /** Undefined where the policy says nothing of the direction. */
  ingress: readonly Rule[] | undefined;
  egress: readonly Rule[] | undefined;
  /** Shapes of pods that it selects. */
  readonly shapes: Set<Shape>;
  readonly parties: Set<PodParty>;
}

/** Numbers of named ports, by {@link namedPortKey}; sorted, so that equal ports have equal texts. */
export type NamedPorts = ReadonlyMap<string, readonly number[]>;

/** Pods of one namespace with equal labels, ports, families and workload: selectors cannot tell them apart. */
export interface Shape {
  readonly key: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly families: FamilyMask;
  readonly workload: string | undefined;
  readonly ports: NamedPorts;
  readonly pods: Set<PodEntry>;
  subjects: readonly PolicyEntry[];
  atoms: readonly SelectorAtom[];
  /** Of the ports, those whose names some policy uses. */
  mentionedPorts: NamedPorts;
  /** Text of what policies see: subjects, atoms, families and the numbers of mentioned port names. */
  signature: string;
  /** Whether a policy selects it, or a peer names it by more than its namespace. */
  single: boolean;
}

/** A pod that policy applies to. */
export interface PodEntry {
  readonly key: PodKey;
  view: PodView;
  readonly shape: Shape;
  blocks: Readonly<Record<IpFamily, BlockSet>>;
  party: PodParty | undefined;
}

/** Something that stands in a row and a column of the matrix. */
export type Party = PodParty | OutsideParty;

interface PartyBase {
  readonly id: number;
  readonly families: FamilyMask;
  egress: Side;
  ingress: Side;
}

/** Pods with one signature, in one boundary. */
export interface PodParty extends PartyBase {
  readonly kind: 'pods';
  readonly identity: string;
  readonly namespace: string;
  readonly workload: string | undefined;
  /** Ports that some policy names; the others are no matter of a party's, and differ between its pods. */
  readonly ports: NamedPorts;
  readonly subjects: readonly PolicyEntry[];
  readonly atoms: readonly SelectorAtom[];
  readonly blocks: Readonly<Record<IpFamily, BlockSet>>;
  readonly members: Set<PodEntry>;
  /** Hash of what policies see in it, whatever the numbering of policies and peers; worked out once. */
  seen: string | undefined;
}

/** Addresses outside the cluster that the same blocks hold. */
export interface OutsideParty extends PartyBase {
  readonly kind: 'outside';
  readonly family: IpFamily;
  /** Dn of the foreign EPG whose endpoints these are; undefined for the world behind the L3Out. */
  readonly foreignDn: string | undefined;
  prefixes: readonly Prefix[];
  readonly blocks: BlockSet;
}

/** One direction of a party: what it grants everyone, and what it grants some in particular. */
export interface Side {
  readonly isolated: boolean;
  readonly pods: FamilyConnections;
  readonly outside: FamilyConnections;
  readonly everyone: readonly Rule[];
  readonly named: ReadonlyMap<Party, NamedPeer>;
}

/** What one direction grants one peer: the whole of it, what everyone gets included. */
export interface NamedPeer {
  readonly connections: FamilyConnections;
  /** Rules that name the peer, beside those for everyone. */
  readonly rules: readonly Rule[];
}

/** Key of a named port: names are unique per protocol only (policy.md N19). */
export const namedPortKey = (port: { readonly protocol: string; readonly name: string }): string =>
  `${port.protocol} ${port.name}`;
