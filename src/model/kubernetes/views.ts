import type { IpAddress, Prefix, Protocol } from '../net/index.js';
import type { Finding } from '../policy/index.js';
import type { StringMap } from './object.js';

/** One condition of a selector. `In` with one value is also what a `matchLabels` entry means. */
export interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  /** Sorted, without duplicates; empty for Exists and DoesNotExist. */
  readonly values: readonly string[];
}

/** A canonical label selector: all requirements must hold; none selects everything (policy.md N6, N7). */
export interface Selector {
  readonly requirements: readonly Requirement[];
  /** True for a selector that could not be read: it matches nothing. */
  readonly invalid?: true;
}

/** A namespace as policies see it. */
export interface NamespaceView {
  readonly name: string;
  readonly labels: StringMap;
}

/** A node: its name, its labels and the addresses that are its own. */
export interface NodeView {
  readonly name: string;
  readonly labels: StringMap;
  readonly addresses: readonly IpAddress[];
  /** Of these, the ones by which the cluster's own network knows it (core/v1 NodeInternalIP). */
  readonly internalAddresses: readonly IpAddress[];
}

/** A container port that has a name. */
export interface NamedPort {
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
}

/** A pod as policies see it. */
export interface PodView {
  readonly namespace: string;
  readonly name: string;
  readonly labels: StringMap;
  readonly node: string | undefined;
  readonly addresses: readonly IpAddress[];
  readonly hostNetwork: boolean;
  /** `status.phase` is Succeeded or Failed: its IP may belong to another pod already (policy.md N2). */
  readonly completed: boolean;
  readonly namedPorts: readonly NamedPort[];
  /** The lasting workload that made it, e.g. `Deployment/frontend`; undefined for a pod made by hand or by a one-time Job. */
  readonly workload: string | undefined;
}

/**
 * One peer of a rule. `namespace` alone scopes a podSelector to the policy's own namespace. Nodes, by their labels, are
 * the addresses that they have (policy.md K4).
 */
export type PeerView =
  | { readonly kind: 'pods'; readonly namespaces: Selector | 'own'; readonly pods: Selector }
  | { readonly kind: 'nodes'; readonly nodes: Selector }
  | { readonly kind: 'block'; readonly cidr: Prefix; readonly except: readonly Prefix[] };

/** One port item of a rule. */
export type PortView =
  | { readonly kind: 'range'; readonly protocol: Protocol; readonly from: number; readonly to: number }
  | { readonly kind: 'named'; readonly protocol: Protocol; readonly name: string };

/** One rule. `any` where the list is missing or empty; a list that holds only refused items is empty and matches nothing. */
export interface RuleView {
  readonly peers: readonly PeerView[] | 'any';
  readonly ports: readonly PortView[] | 'any';
}

/**
 * A NetworkPolicy, defaults applied. A direction that does not isolate is undefined (policy.md N9). One that is additive, a
 * granted FabricPolicy, allows what it says and isolates nothing.
 */
export interface PolicyView {
  readonly namespace: string;
  readonly name: string;
  readonly subjects: Selector;
  readonly ingress: readonly RuleView[] | undefined;
  readonly egress: readonly RuleView[] | undefined;
  readonly additive?: true;
}

/** A rule of a policy around NetworkPolicy: the first that matches decides (policy.md K2). */
export interface TieredRuleView extends RuleView {
  readonly action: 'allow' | 'deny' | 'pass';
}

/** A policy of the tiers around NetworkPolicy (policy.md §1.7): admin tier before it, baseline tier after it. */
export interface TieredPolicyView {
  readonly kind: 'AdminNetworkPolicy' | 'BaselineAdminNetworkPolicy' | 'ClusterNetworkPolicy';
  readonly name: string;
  readonly tier: 'admin' | 'baseline';
  /** Lower decides first. */
  readonly priority: number;
  readonly namespaces: Selector;
  readonly subjects: Selector;
  readonly ingress: readonly TieredRuleView[];
  readonly egress: readonly TieredRuleView[];
}

/** Immutable image of the Kubernetes objects we use. Maps are keyed by `namespace/name`, or by name. */
export interface ClusterSnapshot {
  readonly revision: number;
  readonly namespaces: ReadonlyMap<string, NamespaceView>;
  readonly nodes: ReadonlyMap<string, NodeView>;
  readonly pods: ReadonlyMap<string, PodView>;
  readonly policies: ReadonlyMap<string, PolicyView>;
  /** Policies of the tiers around NetworkPolicy, by `Kind/name`. */
  readonly tieredPolicies: ReadonlyMap<string, TieredPolicyView>;
  /** What was wrong with the objects that were read. */
  readonly findings: readonly Finding[];
}

/** What changed in the cluster, keyed as in {@link ClusterSnapshot}. Undefined: the object is gone. */
export interface ClusterDelta {
  readonly namespaces?: ReadonlyMap<string, NamespaceView | undefined>;
  readonly nodes?: ReadonlyMap<string, NodeView | undefined>;
  readonly pods?: ReadonlyMap<string, PodView | undefined>;
  readonly policies?: ReadonlyMap<string, PolicyView | undefined>;
  readonly tieredPolicies?: ReadonlyMap<string, TieredPolicyView | undefined>;
}
