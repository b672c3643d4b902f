import type { KubernetesObject } from '#model/kubernetes';
import type { SelectorBody } from './policy-rewriting.js';
import type { ClusterObjects } from './verdict-table.js';

// Policies of the tiers around NetworkPolicy as data that laws rewrite, in the fields that generated clusters have.

export interface NamespacedPodsBody {
  readonly namespaceSelector: SelectorBody;
  readonly podSelector: SelectorBody;
}

export interface TieredPeerBody {
  readonly namespaces?: SelectorBody;
  readonly pods?: NamespacedPodsBody;
  readonly networks?: readonly string[];
  readonly nodes?: SelectorBody;
}

export interface TieredRuleBody {
  readonly action: string;
  readonly from?: readonly TieredPeerBody[];
  readonly to?: readonly TieredPeerBody[];
  /** v1alpha1. */
  readonly ports?: readonly object[];
  /** v1alpha2. */
  readonly protocols?: readonly object[];
}

export interface TieredBody {
  readonly tier?: 'Admin' | 'Baseline';
  readonly priority?: number;
  readonly subject: { readonly namespaces?: SelectorBody; readonly pods?: NamespacedPodsBody };
  readonly ingress?: readonly TieredRuleBody[];
  readonly egress?: readonly TieredRuleBody[];
}

/** A policy of the cluster: its kind, what it is called, what it says. */
export interface NamedTieredPolicy {
  readonly kind: string;
  readonly name: string;
  readonly spec: TieredBody;
}

/** The policies of the tiers. */
export const tieredOf = ({ tieredPolicies }: ClusterObjects): readonly NamedTieredPolicy[] =>
  tieredPolicies.map(({ kind, metadata, spec }) => ({ kind, name: metadata.name, spec: spec as TieredBody }));

/** The cluster with these policies of the tiers in place of its own. */
export const withTiered = (objects: ClusterObjects, policies: readonly NamedTieredPolicy[]): ClusterObjects => ({
  ...objects,
  tieredPolicies: policies.map(tieredObjectOf),
});

const tieredObjectOf = ({ kind, name, spec }: NamedTieredPolicy): KubernetesObject => ({
  apiVersion: `policy.networking.k8s.io/${kind === 'ClusterNetworkPolicy' ? 'v1alpha2' : 'v1alpha1'}`,
  kind,
  metadata: { name },
  spec,
});

/** Whether the policy is asked before NetworkPolicies. */
export const isAdmin = ({ kind, spec }: NamedTieredPolicy): boolean =>
  kind === 'AdminNetworkPolicy' || spec.tier === 'Admin';

/** The spec with every rule of both directions replaced by others, in the place of the old one: the order counts. */
export const rewriteTieredRules = (
  spec: TieredBody,
  rewrite: (rule: TieredRuleBody) => readonly TieredRuleBody[],
): TieredBody => ({
  ...spec,
  ...(spec.ingress === undefined ? {} : { ingress: spec.ingress.flatMap(rewrite) }),
  ...(spec.egress === undefined ? {} : { egress: spec.egress.flatMap(rewrite) }),
});

/** The spec with every peer of every rule replaced by others, at least one. */
export const rewriteTieredPeers = (
  spec: TieredBody,
  rewrite: (peer: TieredPeerBody) => readonly TieredPeerBody[],
): TieredBody =>
  rewriteTieredRules(spec, (rule) => [
    {
      ...rule,
      ...(rule.from === undefined ? {} : { from: rule.from.flatMap(rewrite) }),
      ...(rule.to === undefined ? {} : { to: rule.to.flatMap(rewrite) }),
    },
  ]);

/** The spec with all selectors of pods and namespaces rewritten, those of nodes left as they are. */
export function rewriteTieredSelectors(
  spec: TieredBody,
  rewrite: (selector: SelectorBody) => SelectorBody,
): TieredBody {
  const scope = <Scope extends TieredBody['subject']>(given: Scope): Scope => ({
    ...given,
    ...(given.namespaces === undefined ? {} : { namespaces: rewrite(given.namespaces) }),
    ...(given.pods === undefined
      ? {}
      : {
          pods: {
            namespaceSelector: rewrite(given.pods.namespaceSelector),
            podSelector: rewrite(given.pods.podSelector),
          },
        }),
  });
  return { ...rewriteTieredPeers(spec, (peer) => [scope(peer)]), subject: scope(spec.subject) };
}

/** The cluster with the spec of every policy of the tiers rewritten. */
export const rewriteTiered = (objects: ClusterObjects, rewrite: (spec: TieredBody) => TieredBody): ClusterObjects =>
  withTiered(
    objects,
    tieredOf(objects).map((policy) => ({ ...policy, spec: rewrite(policy.spec) })),
  );
