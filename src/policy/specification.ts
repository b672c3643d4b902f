// The plain reading of NetworkPolicy (policy.md §1.8), one decision at a time: the oracle that the compiler and both of
// its back ends are checked against. It shares no code with the compiler and works on the API objects as they are.

import { inCidr, selects } from './specification-match.js';
import type {
  Endpoint,
  FlowQuestion,
  NetworkPolicyObject,
  Peer,
  Rule,
  SpecificationState,
} from './specification-state.js';
import { tierVerdict } from './specification-tiers.js';

export type {
  Endpoint,
  FlowQuestion,
  NetworkPolicyObject,
  Peer,
  Rule,
  SpecificationState,
} from './specification-state.js';
export type { TieredPeer, TieredPolicyObject, TieredPort, TieredRule } from './specification-tiered-objects.js';
export { isSubject, tieredPeersHold, tierRules } from './specification-tiers.js';

/** The verdict of the specification (policy.md N12). A pod always reaches itself (N23). */
export function specificationAllows(state: SpecificationState, flow: FlowQuestion): boolean {
  if (flow.source === flow.destination) return true;
  return sideAllows(state, flow, 'Egress') && sideAllows(state, flow, 'Ingress');
}

/** Admin tier, then NetworkPolicy, then Baseline tier, then open; each direction on its own (policy.md K1–K3). */
function sideAllows(state: SpecificationState, flow: FlowQuestion, direction: 'Ingress' | 'Egress'): boolean {
  const subject = direction === 'Egress' ? flow.source : flow.destination;
  if (subject.namespace === undefined || subject.hostNetwork === true) return true;
  const admin = tierVerdict(state, flow, 'Admin', direction);
  if (admin === 'Accept' || admin === 'Deny') return admin === 'Accept';
  const added = applyingPolicies({ policies: state.additivePolicies ?? [] }, subject, direction);
  if (added.some((policy) => policyAllows(state, flow, policy, direction))) return true;
  const applying = applyingPolicies(state, subject, direction);
  if (applying.length > 0) return applying.some((policy) => policyAllows(state, flow, policy, direction));
  return tierVerdict(state, flow, 'Baseline', direction) !== 'Deny';
}

/** NetworkPolicies that apply to the pod and have the direction: with one it is isolated there (policy.md N8 to N10). */
export const applyingPolicies = (
  state: Pick<SpecificationState, 'policies'>,
  subject: Endpoint,
  direction: 'Ingress' | 'Egress',
): readonly NetworkPolicyObject[] =>
  state.policies.filter(
    (policy) =>
      (policy.metadata.namespace ?? 'default') === subject.namespace &&
      directions(policy).includes(direction) &&
      selects(policy.spec.podSelector, subject.labels ?? {}),
  );

function policyAllows(
  state: SpecificationState,
  flow: FlowQuestion,
  policy: NetworkPolicyObject,
  direction: 'Ingress' | 'Egress',
): boolean {
  const egress = direction === 'Egress';
  const other = egress
    ? { endpoint: flow.destination, ip: flow.destinationIp }
    : { endpoint: flow.source, ip: flow.sourceIp };
  const namespace = policy.metadata.namespace ?? 'default';
  return ((egress ? policy.spec.egress : policy.spec.ingress) ?? []).some((rule) => {
    const peers = (egress ? rule.to : rule.from) ?? [];
    return peersHold(state, namespace, peers, other) && portMatches(rule, flow);
  });
}

/** Whether one of the peers of a policy in the namespace is the other end; no peers are everybody (policy.md N13). */
export const peersHold = (
  state: SpecificationState,
  namespace: string,
  peers: readonly Peer[],
  other: { readonly endpoint: Endpoint; readonly ip: string },
): boolean => peers.length === 0 || peers.some((peer) => isPeer(state, namespace, peer, other));

function directions({ spec }: NetworkPolicyObject): readonly string[] {
  if (spec.policyTypes !== undefined && spec.policyTypes.length > 0) return spec.policyTypes;
  return (spec.egress?.length ?? 0) > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}

function isPeer(
  state: SpecificationState,
  policyNamespace: string,
  peer: Peer,
  { endpoint, ip }: { readonly endpoint: Endpoint; readonly ip: string },
): boolean {
  if (peer.ipBlock !== undefined) {
    return inCidr(ip, peer.ipBlock.cidr) && !(peer.ipBlock.except ?? []).some((except) => inCidr(ip, except));
  }
  if (endpoint.namespace === undefined || endpoint.hostNetwork === true) return false;
  const namespaceMatches =
    peer.namespaceSelector === undefined || peer.namespaceSelector === null
      ? endpoint.namespace === policyNamespace
      : selects(peer.namespaceSelector, {
          'kubernetes.io/metadata.name': endpoint.namespace,
          ...state.namespaceLabels[endpoint.namespace],
        });
  return namespaceMatches && selects(peer.podSelector, endpoint.labels ?? {});
}

function portMatches(rule: Rule, { protocol, port, destination }: FlowQuestion): boolean {
  const items = rule.ports ?? [];
  if (items.length === 0) return true;
  return items.some((item) => {
    if ((item.protocol ?? 'TCP') !== protocol) return false;
    if (item.port === undefined) return true;
    if (typeof item.port === 'number') return item.port <= port && port <= (item.endPort ?? item.port);
    return (destination.ports ?? []).some(
      (own) => own.name === item.port && (own.protocol ?? 'TCP') === protocol && own.containerPort === port,
    );
  });
}
