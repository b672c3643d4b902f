import type { LabelSelector } from './specification-match.js';
import type { TieredPolicyObject } from './specification-tiered-objects.js';

// What the oracle is asked about: API objects as they are.

/** A pod or an outside address, as the oracle sees it. An outside address has no `namespace`. */
export interface Endpoint {
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly hostNetwork?: boolean;
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string }[];
}

/** A peer of a NetworkPolicy's rule. */
export interface Peer {
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
  readonly podSelector?: LabelSelector | null;
  readonly namespaceSelector?: LabelSelector | null;
}

/** A rule of a NetworkPolicy. */
export interface Rule {
  readonly from?: readonly Peer[] | null;
  readonly to?: readonly Peer[] | null;
  readonly ports?:
    | readonly { readonly protocol?: string; readonly port?: number | string; readonly endPort?: number }[]
    | null;
}

/** A NetworkPolicy of networking.k8s.io/v1. */
export interface NetworkPolicyObject {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: {
    readonly podSelector?: LabelSelector | null;
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly Rule[] | null;
    readonly egress?: readonly Rule[] | null;
  };
}

/** The cluster as the oracle needs it. */
export interface SpecificationState {
  readonly namespaceLabels: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly policies: readonly NetworkPolicyObject[];
  /** Allow what they say and isolate nothing (granted FabricPolicies); none when not given. */
  readonly additivePolicies?: readonly NetworkPolicyObject[];
  /** Policies of the tiers around NetworkPolicy; none when not given. */
  readonly tieredPolicies?: readonly TieredPolicyObject[];
  /** Nodes by their labels and addresses, for peers that name them. */
  readonly nodes?: readonly { readonly labels: Readonly<Record<string, string>>; readonly ips: readonly string[] }[];
}

/** One question: may `source` at `sourceIp` open protocol/port toward `destination` at `destinationIp`? */
export interface FlowQuestion {
  readonly source: Endpoint;
  readonly sourceIp: string;
  readonly destination: Endpoint;
  readonly destinationIp: string;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly port: number;
}
