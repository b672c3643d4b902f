import type { LabelSelector } from './specification-match.js';

// Policies around NetworkPolicy as the oracle reads them: API objects as they are.

/** Pods by their namespaces and their own labels. */
export interface PodsSelector {
  readonly namespaceSelector?: LabelSelector | null;
  readonly podSelector?: LabelSelector | null;
}

/** A peer of a rule around NetworkPolicy: one of the fields is set. */
export interface TieredPeer {
  readonly namespaces?: LabelSelector;
  readonly pods?: PodsSelector;
  readonly networks?: readonly string[];
  readonly nodes?: LabelSelector;
  readonly domainNames?: readonly string[];
}

interface DestinationPort {
  readonly number?: number;
  readonly range?: { readonly start: number; readonly end: number };
}

/** An entry of `ports` (v1alpha1) or of `protocols` (v1alpha2). */
export interface TieredPort {
  readonly portNumber?: { readonly protocol?: string; readonly port: number };
  readonly portRange?: { readonly protocol?: string; readonly start: number; readonly end: number };
  readonly namedPort?: string;
  readonly tcp?: { readonly destinationPort?: DestinationPort };
  readonly udp?: { readonly destinationPort?: DestinationPort };
  readonly sctp?: { readonly destinationPort?: DestinationPort };
  readonly destinationNamedPort?: string;
}

/** A rule around NetworkPolicy. */
export interface TieredRule {
  readonly action: string;
  readonly from?: readonly TieredPeer[];
  readonly to?: readonly TieredPeer[];
  readonly ports?: readonly TieredPort[];
  readonly protocols?: readonly TieredPort[];
}

/** An AdminNetworkPolicy or BaselineAdminNetworkPolicy of v1alpha1, or a ClusterNetworkPolicy of v1alpha2. */
export interface TieredPolicyObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly tier?: string;
    readonly priority?: number;
    readonly subject: { readonly namespaces?: LabelSelector; readonly pods?: PodsSelector };
    readonly ingress?: readonly TieredRule[];
    readonly egress?: readonly TieredRule[];
  };
}
