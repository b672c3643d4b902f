import type { KubernetesObject } from '#model/kubernetes';
import type { ClusterObjects } from './verdict-table.js';

// NetworkPolicies as data that laws rewrite: the API's own shape, without the fields that generated clusters never have.

export type LabelMap = Readonly<Record<string, string>>;

export interface ExpressionBody {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[];
}

export interface SelectorBody {
  readonly matchLabels?: LabelMap;
  readonly matchExpressions?: readonly ExpressionBody[];
}

export interface BlockBody {
  readonly cidr: string;
  readonly except?: readonly string[];
}

export interface PeerBody {
  readonly podSelector?: SelectorBody;
  readonly namespaceSelector?: SelectorBody;
  readonly ipBlock?: BlockBody;
}

export interface PortBody {
  readonly protocol?: string;
  readonly port?: number | string;
  readonly endPort?: number;
}

export interface RuleBody {
  readonly from?: readonly PeerBody[];
  readonly to?: readonly PeerBody[];
  readonly ports?: readonly PortBody[];
}

export interface PolicyBody {
  readonly podSelector: SelectorBody;
  readonly policyTypes?: readonly string[];
  readonly ingress?: readonly RuleBody[];
  readonly egress?: readonly RuleBody[];
}

/** A policy of the cluster: where it is, what it is called, what it says. */
export interface NamedPolicy {
  readonly namespace: string;
  readonly name: string;
  readonly spec: PolicyBody;
}

/** The policies of the cluster. */
export const policiesOf = ({ policies }: ClusterObjects): readonly NamedPolicy[] =>
  policies.map(({ metadata, spec }) => ({
    namespace: metadata.namespace ?? 'default',
    name: metadata.name,
    spec: spec as PolicyBody,
  }));

/** The cluster with these policies in place of its own. */
export const withPolicies = (objects: ClusterObjects, policies: readonly NamedPolicy[]): ClusterObjects => ({
  ...objects,
  policies: policies.map(({ namespace, name, spec }) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace, name },
    spec,
  })),
});

/** The cluster with every policy's spec rewritten. */
export const rewriteSpecs = (
  objects: ClusterObjects,
  rewrite: (spec: PolicyBody, policy: NamedPolicy) => PolicyBody,
): ClusterObjects =>
  withPolicies(
    objects,
    policiesOf(objects).map((policy) => ({ ...policy, spec: rewrite(policy.spec, policy) })),
  );

/** The spec with both lists of rules rewritten; lists that are not there stay away. */
export const rewriteRules = (
  spec: PolicyBody,
  rewrite: (rules: readonly RuleBody[]) => readonly RuleBody[],
): PolicyBody => ({
  ...spec,
  ...(spec.ingress === undefined ? {} : { ingress: rewrite(spec.ingress) }),
  ...(spec.egress === undefined ? {} : { egress: rewrite(spec.egress) }),
});

/**
 * The rule with each peer replaced by what it means as well, one or more others. A rule whose peers all turn out to hold
 * nobody goes: without peers it would hold everybody.
 */
export function rewritePeers(rule: RuleBody, rewrite: (peer: PeerBody) => readonly PeerBody[]): readonly RuleBody[] {
  const side = rule.from === undefined ? 'to' : 'from';
  const peers = rule[side];
  if (peers === undefined || peers.length === 0) return [rule];
  const rewritten = peers.flatMap(rewrite);
  return rewritten.length === 0 ? [] : [{ ...rule, [side]: rewritten }];
}

/** The spec with all peers of all rules rewritten. */
export const rewriteAllPeers = (spec: PolicyBody, rewrite: (peer: PeerBody) => readonly PeerBody[]): PolicyBody =>
  rewriteRules(spec, (rules) => rules.flatMap((rule) => rewritePeers(rule, rewrite)));

/** The spec with every port of every rule replaced by others, at least one. */
export const rewritePorts = (spec: PolicyBody, rewrite: (port: PortBody) => readonly PortBody[]): PolicyBody =>
  rewriteRules(spec, (rules) =>
    rules.map((rule) => (rule.ports === undefined ? rule : { ...rule, ports: rule.ports.flatMap(rewrite) })),
  );

/** The spec with all selectors rewritten: that of the subjects and those of the peers. */
export function rewriteSelectors(spec: PolicyBody, rewrite: (selector: SelectorBody) => SelectorBody): PolicyBody {
  const peers = rewriteAllPeers(spec, ({ podSelector, namespaceSelector, ...rest }) => [
    {
      ...rest,
      ...(podSelector === undefined ? {} : { podSelector: rewrite(podSelector) }),
      ...(namespaceSelector === undefined ? {} : { namespaceSelector: rewrite(namespaceSelector) }),
    },
  ]);
  return { ...peers, podSelector: rewrite(spec.podSelector) };
}

/** Directions that the policy isolates (policy.md N9), written out. */
export function explicitTypes(spec: PolicyBody): readonly ('Ingress' | 'Egress')[] {
  const given = (spec.policyTypes ?? []) as readonly ('Ingress' | 'Egress')[];
  if (given.length > 0) return given;
  return (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}

/** The spec with its policyTypes written out, and without rules of a direction that it does not speak of. */
export function explicit(spec: PolicyBody): PolicyBody {
  const policyTypes = explicitTypes(spec);
  return {
    podSelector: spec.podSelector,
    policyTypes,
    ...(policyTypes.includes('Ingress') ? { ingress: spec.ingress ?? [] } : {}),
    ...(policyTypes.includes('Egress') ? { egress: spec.egress ?? [] } : {}),
  };
}

/** The cluster with every pod rewritten. */
export const rewritePods = (
  objects: ClusterObjects,
  rewrite: (pod: KubernetesObject, index: number) => KubernetesObject,
): ClusterObjects => ({ ...objects, pods: objects.pods.map(rewrite) });

/** Addresses of a pod object. */
export const addressesOf = (pod: KubernetesObject): readonly string[] =>
  (pod['status'] as { readonly podIPs: readonly { readonly ip: string }[] }).podIPs.map(({ ip }) => ip);

/** The pod with other addresses. */
export const withAddresses = (pod: KubernetesObject, ips: readonly string[]): KubernetesObject => ({
  ...pod,
  status: { ...(pod['status'] as object), podIPs: ips.map((ip) => ({ ip })) },
});
