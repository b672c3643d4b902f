// The tiers around NetworkPolicy in the same plain reading (policy.md K1–K4): policies in order, rules in order, the first
// that matches decides. Part of the oracle; it shares no code with the compiler.

import { inCidr, selects } from './specification-match.js';
import type { Endpoint, FlowQuestion, SpecificationState } from './specification-state.js';
import type {
  PodsSelector,
  TieredPeer,
  TieredPolicyObject,
  TieredPort,
  TieredRule,
} from './specification-tiered-objects.js';

type Labels = Readonly<Record<string, string>>;

/** What a tier says of one direction of a connection: nothing is `undefined`. */
export type TierVerdict = 'Accept' | 'Deny' | 'Pass' | undefined;

/** The first matching rule of the tier: by priority, then name, then kind; rules as they are listed (policy.md K2). */
export function tierVerdict(
  state: SpecificationState,
  flow: FlowQuestion,
  tier: 'Admin' | 'Baseline',
  direction: 'Ingress' | 'Egress',
): TierVerdict {
  const egress = direction === 'Egress';
  const other = egress
    ? { endpoint: flow.destination, ip: flow.destinationIp }
    : { endpoint: flow.source, ip: flow.sourceIp };
  const decides = tierRules(state, egress ? flow.source : flow.destination, tier, direction).find(
    (rule) =>
      tieredPeersHold(state, (egress ? rule.to : rule.from) ?? [], other) &&
      portsMatch(rule.protocols ?? rule.ports ?? [], flow),
  );
  if (decides === undefined) return undefined;
  return decides.action === 'Deny' || decides.action === 'Pass' ? decides.action : 'Accept';
}

/** Rules of the tier for one direction of the subject, in the order in which they decide. */
export const tierRules = (
  state: SpecificationState,
  subject: Endpoint,
  tier: 'Admin' | 'Baseline',
  direction: 'Ingress' | 'Egress',
): readonly TieredRule[] =>
  inOrder(state, tier)
    .filter(({ spec }) => isSelected(state, subject, podsOf(spec.subject)))
    .flatMap(({ spec }) => (direction === 'Egress' ? spec.egress : spec.ingress) ?? []);

/** Whether one of the peers is the other end. */
export const tieredPeersHold = (
  state: SpecificationState,
  peers: readonly TieredPeer[],
  other: { readonly endpoint: Endpoint; readonly ip: string },
): boolean => peers.some((peer) => isPeer(state, other, peer));

/** Whether the policy's subject selects the pod. */
export const isSubject = (state: SpecificationState, { spec }: TieredPolicyObject, pod: Endpoint): boolean =>
  isSelected(state, pod, podsOf(spec.subject));

const inOrder = (state: SpecificationState, tier: 'Admin' | 'Baseline'): readonly TieredPolicyObject[] =>
  (state.tieredPolicies ?? [])
    .filter((policy) => tierOf(policy) === tier)
    .sort(
      (a, b) => priorityOf(a) - priorityOf(b) || byText(a.metadata.name, b.metadata.name) || byText(a.kind, b.kind),
    );

const podsOf = ({ namespaces, pods }: TieredPolicyObject['spec']['subject']): PodsSelector =>
  pods ?? (namespaces === undefined ? {} : { namespaceSelector: namespaces });

const tierOf = ({ kind, spec }: TieredPolicyObject): string | undefined => {
  if (kind === 'ClusterNetworkPolicy') return spec.tier;
  return kind === 'AdminNetworkPolicy' ? 'Admin' : 'Baseline';
};

const priorityOf = ({ spec }: TieredPolicyObject): number => spec.priority ?? 0;

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Pods that have a network of their own (policy.md K4). */
function isSelected(
  state: SpecificationState,
  endpoint: Endpoint,
  { namespaceSelector, podSelector }: PodsSelector,
): boolean {
  if (endpoint.namespace === undefined || endpoint.hostNetwork === true) return false;
  const labels: Labels = {
    ...state.namespaceLabels[endpoint.namespace],
    'kubernetes.io/metadata.name': endpoint.namespace,
  };
  return selects(namespaceSelector, labels) && selects(podSelector, endpoint.labels ?? {});
}

function isPeer(
  state: SpecificationState,
  { endpoint, ip }: { readonly endpoint: Endpoint; readonly ip: string },
  { namespaces, pods, networks, nodes }: TieredPeer,
): boolean {
  if (namespaces !== undefined) return isSelected(state, endpoint, { namespaceSelector: namespaces });
  if (pods !== undefined) return isSelected(state, endpoint, pods);
  if (networks !== undefined) return networks.some((network) => inCidr(ip, network));
  if (nodes === undefined) return false;
  return (state.nodes ?? []).some(({ labels, ips }) => selects(nodes, labels) && ips.includes(ip));
}

function portsMatch(entries: readonly TieredPort[], { protocol, port, destination }: FlowQuestion): boolean {
  const within = (of: string | undefined, from: number, to: number): boolean =>
    (of ?? 'TCP') === protocol && from <= port && port <= to;
  const named = (name: string): boolean =>
    (destination.ports ?? []).some(
      (own) => own.name === name && (own.protocol ?? 'TCP') === protocol && own.containerPort === port,
    );
  return (
    entries.length === 0 ||
    entries.some((entry) => {
      const { portNumber, portRange, namedPort, destinationNamedPort } = entry;
      if (portNumber !== undefined) return within(portNumber.protocol, portNumber.port, portNumber.port);
      if (portRange !== undefined) return within(portRange.protocol, portRange.start, portRange.end);
      const name = namedPort ?? destinationNamedPort;
      if (name !== undefined) return named(name);
      return (['tcp', 'udp', 'sctp'] as const).some((key) => {
        const { number, range } = entry[key]?.destinationPort ?? {};
        if (entry[key] === undefined || key.toUpperCase() !== protocol) return false;
        if (number !== undefined) return number === port;
        return range === undefined || (range.start <= port && port <= range.end);
      });
    })
  );
}
