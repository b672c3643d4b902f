import {
  type ClusterSnapshot,
  matchesSelector,
  type PodView,
  type PolicyView,
  type PortView,
  type RuleView,
} from '#model/kubernetes';
import { ALL_PORTS, isAllPorts, type PortSet } from '#model/net';
import type { Finding } from '#model/policy';
import type { Cell, Party } from './matrix.js';
import type { PeerAtoms } from './peer-atoms.js';
import { namedPortKey, policyName } from './signature.js';

/** What findings are drawn from: the compiled matrix and the policies it came from. */
export interface FindingsInput {
  readonly snapshot: ClusterSnapshot;
  readonly policies: readonly PolicyView[];
  readonly atoms: PeerAtoms;
  readonly parties: readonly Party[];
  readonly cells: readonly Cell[];
}

/** Findings about policies whose meaning the user may not expect, or that the fabric can only approximate (policy.md §3.11). */
export function policyFindings(input: FindingsInput): readonly Finding[] {
  const pods = podsByNamespace(input.snapshot);
  const subjects = subjectsByPolicy(input.parties);
  return [
    ...input.policies.flatMap((policy, index) => [
      ...hostNetworkOnly(policy, pods.get(policy.namespace) ?? []),
      ...unresolvedNames(input, policy, subjects.get(index) ?? []),
    ]),
    ...approximations(input),
  ];
}

function podsByNamespace({ pods }: ClusterSnapshot): ReadonlyMap<string, readonly PodView[]> {
  const byNamespace = new Map<string, PodView[]>();
  for (const pod of pods.values()) {
    const list = byNamespace.get(pod.namespace);
    if (list === undefined) byNamespace.set(pod.namespace, [pod]);
    else list.push(pod);
  }
  return byNamespace;
}

/** Parties of pods that each policy selects, by the policy's index. */
function subjectsByPolicy(parties: readonly Party[]): ReadonlyMap<number, readonly Party[]> {
  const subjects = new Map<number, Party[]>();
  for (const party of parties) {
    if (party.kind === 'outside') continue;
    for (const index of party.signature.subjects) {
      const list = subjects.get(index);
      if (list === undefined) subjects.set(index, [party]);
      else list.push(party);
    }
  }
  return subjects;
}

/** hostNetwork pods are never subjects: a policy that selects only such pods has no effect (policy.md N3). */
function hostNetworkOnly(policy: PolicyView, pods: readonly PodView[]): readonly Finding[] {
  const selected = pods.filter((pod) => matchesSelector(policy.subjects, pod.labels) && !pod.completed);
  if (selected.length === 0 || selected.some((pod) => !pod.hostNetwork)) return [];
  const message =
    'spec.podSelector: selects only hostNetwork pods; they use the node’s network and no policy applies to them';
  return [{ code: 'HOSTNET_SELECTED', severity: 'warning', object: policyName(policy), message }];
}

/** Port names that no destination of the rule has: that port item matches nothing (policy.md N19). */
function unresolvedNames(input: FindingsInput, policy: PolicyView, subjects: readonly Party[]): readonly Finding[] {
  const findings: Finding[] = [];
  for (const direction of ['ingress', 'egress'] as const) {
    for (const [index, rule] of (policy[direction] ?? []).entries()) {
      const names = namedPorts(rule);
      const destinations =
        names.length === 0 ? [] : direction === 'ingress' ? subjects : namedParties(input, policy, rule);
      if (destinations.length === 0) continue;
      for (const port of names) {
        if (destinations.some((party) => party.kind === 'pods' && party.signature.namedPorts.has(namedPortKey(port)))) {
          continue;
        }
        const outsideOnly = destinations.every((party) => party.kind === 'outside');
        findings.push(unresolved(policy, `spec.${direction}[${index}].ports`, port.name, outsideOnly));
      }
    }
  }
  return findings;
}

function unresolved(policy: PolicyView, field: string, name: string, outsideOnly: boolean): Finding {
  return {
    code: outsideOnly ? 'NAMED_PORT_EXTERNAL' : 'NAMED_PORT_UNRESOLVED',
    severity: 'warning',
    object: policyName(policy),
    message: outsideOnly
      ? `${field}: port name '${name}' means nothing outside the cluster; use a number`
      : `${field}: no destination pod has a container port named '${name}' with that protocol; it matches nothing`,
  };
}

function namedParties({ parties, atoms }: FindingsInput, policy: PolicyView, rule: RuleView): readonly Party[] {
  if (rule.peers === 'any') return parties;
  const ids = new Set(rule.peers.map((peer) => atoms.idOf(policy.namespace, peer)));
  return parties.filter((party) => {
    if (party.kind === 'outside') return [...ids].some((id) => party.region.blockAtoms.has(id));
    const { selectorAtoms, blockAtoms } = party.signature;
    return [...ids].some((id) => selectorAtoms.has(id) || blockAtoms[4].has(id) || blockAtoms[6].has(id));
  });
}

const namedPorts = (rule: RuleView): readonly Extract<PortView, { kind: 'named' }>[] =>
  rule.ports === 'any' ? [] : rule.ports.filter((port) => port.kind === 'named');

/** Permits that a stateless fabric cannot say exactly: UDP replies, and SCTP by port. The host agents are exact. */
function approximations({ parties, cells }: FindingsInput): readonly Finding[] {
  const udpOf = new Map(cells.map((cell) => [`${cell.source} ${cell.destination}`, cell.connections.udp]));
  const udp = new Set<string>();
  const sctp = new Set<string>();
  for (const cell of cells) {
    const reverse = udpOf.get(`${cell.destination} ${cell.source}`) ?? [];
    const both = parties[cell.source]?.kind === 'pods' || parties[cell.destination]?.kind === 'pods';
    for (const { policy } of both ? cell.why : []) {
      if (cell.connections.udp.length > 0 && !equalPorts(reverse, ALL_PORTS)) udp.add(policy);
      if (cell.connections.sctp.length > 0 && !isAllPorts(cell.connections.sctp)) sctp.add(policy);
    }
  }
  return [
    ...[...udp]
      .sort()
      .map((object) => ({ code: 'UDP_REVERSE' as const, severity: 'info' as const, object, message: UDP })),
    ...[...sctp]
      .sort()
      .map((object) => ({ code: 'SCTP_PORTS' as const, severity: 'info' as const, object, message: SCTP })),
  ];
}

const UDP =
  'allows UDP: the fabric keeps no UDP state and permits anything from the allowed source ports back; the host agents track connections and are exact';
const SCTP = 'allows SCTP ports: the fabric permits SCTP as a whole in both directions; the host agents are exact';

const equalPorts = (a: PortSet, b: PortSet): boolean => JSON.stringify(a) === JSON.stringify(b);
