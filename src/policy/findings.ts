import { type ClusterSnapshot, matchesSelector, type PodView } from '#model/kubernetes';
import { ALL_PORTS, isAllPorts, type PortSet } from '#model/net';
import type { FamilyConnections, Finding, FindingCode } from '#model/policy';
import type { VlanPool } from './allocate.js';
import type { PolicyCompiler } from './compiler.js';
import { equalPriorities } from './equal-priorities.js';
import { BASE_LIMIT, baseName, fullName } from './group-table.js';
import type { Party, PodParty, PolicyEntry, Rule, Side } from './parties.js';

/**
 * What the user must know about the policies: meanings that may not be expected, and what the fabric can only
 * approximate (policy.md §3.11).
 */
export function findingsOf(compiler: PolicyCompiler, snapshot: ClusterSnapshot, pool: VlanPool): readonly Finding[] {
  const pods = podsByNamespace(snapshot);
  const policies = [...compiler.policies.entries()];
  return [
    ...snapshot.findings,
    ...shortenedNames(compiler),
    ...compiler.allocator.withoutVlan().map((name) => noVlan(name, pool)),
    ...policies.flatMap((policy) => [...hostNetworkOnly(policy, pods), ...unresolvedNames(compiler, policy)]),
    ...equalPriorities(compiler.parties.pods()),
    ...approximations(compiler),
    ...splitForeign(compiler),
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

/** Workloads whose names are longer than ACI takes: their groups have a shortened name with a hash. */
function shortenedNames(compiler: PolicyCompiler): readonly Finding[] {
  const findings = new Map<string, Finding>();
  for (const group of compiler.groups.all()) {
    if (group.kind !== 'pods' || group.namespace === undefined || group.workload === undefined) continue;
    const { namespace, workload } = group;
    const [whole, base] = [fullName(namespace, workload), baseName(namespace, workload)];
    if (whole === base) continue;
    const object = workload.replace('/', `/${namespace}/`);
    const message = `metadata.name: '${whole}' is longer than an ACI name may be (64, with room for a suffix: ${BASE_LIMIT}); the EPG is named '${base}'`;
    findings.set(object, { code: 'NAME_SHORTENED', severity: 'warning', object, message });
  }
  return [...findings.values()];
}

function noVlan(name: string, pool: VlanPool): Finding {
  const message = `no VLAN is left in the pool ${pool.from}-${pool.to} for group '${name}'; its pods stay unreachable. Widen fabric.vlanPool`;
  return { code: 'VLANS_EXHAUSTED', severity: 'error', object: `Group/${name}`, message };
}

/** hostNetwork pods are never subjects: a policy that selects only such pods has no effect (policy.md N3). */
function hostNetworkOnly(policy: PolicyEntry, pods: ReadonlyMap<string, readonly PodView[]>): readonly Finding[] {
  if (!('own' in policy.namespaces)) return [];
  const inNamespace = pods.get(policy.namespaces.own) ?? [];
  const selected = inNamespace.filter((pod) => matchesSelector(policy.pods, pod.labels) && !pod.completed);
  if (selected.length === 0 || selected.some((pod) => !pod.hostNetwork)) return [];
  const message =
    'spec.podSelector: selects only hostNetwork pods; they use the node’s network and no policy applies to them';
  return [{ code: 'HOSTNET_SELECTED', severity: 'warning', object: policy.key, message }];
}

/** Port names that no destination of the rule has: that port item matches nothing (policy.md N19). */
function unresolvedNames(compiler: PolicyCompiler, policy: PolicyEntry): readonly Finding[] {
  const findings: Finding[] = [];
  for (const direction of ['ingress', 'egress'] as const) {
    for (const [index, rule] of (policy[direction] ?? []).entries()) {
      if (rule.names.length === 0) continue;
      const destinations = direction === 'ingress' ? [...policy.parties] : namedParties(compiler, rule);
      if (destinations.length === 0) continue;
      const outsideOnly = destinations.every((party) => party.kind === 'outside');
      for (const names of alternatives(rule)) {
        const [name = ''] = names;
        if (destinations.some((party) => party.kind === 'pods' && names.some((one) => party.ports.has(one)))) continue;
        const field = `spec.${direction}[${index}].ports`;
        findings.push(unresolved(policy.key, field, nameOf(name), outsideOnly));
      }
    }
  }
  return findings;
}

/** Port names of a rule; above and below NetworkPolicy a name has no protocol, and one of the three is enough. */
function alternatives({ names, policy }: Rule): readonly (readonly string[])[] {
  if (policy.tier === 'network') return names.map((name) => [name]);
  return [...new Set(names.map(nameOf))].map((wanted) => names.filter((name) => nameOf(name) === wanted));
}

/** The name without the protocol. */
const nameOf = (key: string): string => key.slice(key.indexOf(' ') + 1);

function unresolved(object: string, field: string, name: string, outsideOnly: boolean): Finding {
  return {
    code: outsideOnly ? 'NAMED_PORT_EXTERNAL' : 'NAMED_PORT_UNRESOLVED',
    severity: 'warning',
    object,
    message: outsideOnly
      ? `${field}: port name '${name}' means nothing outside the cluster; use a number`
      : `${field}: no destination pod has a container port named '${name}' with that protocol; it matches nothing`,
  };
}

function namedParties({ parties }: PolicyCompiler, rule: Rule): readonly Party[] {
  return [
    ...(rule.everyPod === 0 ? [] : parties.pods()),
    ...(rule.everyOutside === 0 ? [] : parties.outside()),
    ...rule.atoms.flatMap((atom) => [...atom.parties.keys()]),
  ];
}

/** Permits that a stateless fabric cannot say exactly: UDP replies, and SCTP by port. The host agents are exact. */
function approximations(compiler: PolicyCompiler): readonly Finding[] {
  const found = { udp: new Set<string>(), sctp: new Set<string>() };
  for (const party of compiler.parties.pods()) {
    for (const direction of ['ingress', 'egress'] as const) {
      const side = party[direction];
      const others = [...side.named.keys(), ...strangers(compiler, side)];
      for (const other of others) noteApproximation(compiler, found, { party, other, direction, side });
    }
  }
  return [...listed('UDP_REVERSE', UDP, found.udp), ...listed('SCTP_PORTS', SCTP, found.sctp)];
}

interface Seen {
  readonly party: PodParty;
  readonly other: Party;
  readonly direction: 'ingress' | 'egress';
  readonly side: Side;
}

function noteApproximation(
  { pairs }: PolicyCompiler,
  found: { readonly udp: Set<string>; readonly sctp: Set<string> },
  { party, other, direction, side }: Seen,
): void {
  const rules = [...side.everyone, ...(side.named.get(other)?.rules ?? [])].filter(({ action }) => action === 'allow');
  if (rules.every((rule) => found.udp.has(rule.policy.key) && found.sctp.has(rule.policy.key))) return;
  const [source, destination] = direction === 'ingress' ? [other, party] : [party, other];
  const forward = pairs.between(source, destination);
  const back = pairs.between(destination, source);
  const udp = some(forward, 'udp', (ports, family) => ports.length > 0 && !equalPorts(back[family].udp, ALL_PORTS));
  const sctp = some(forward, 'sctp', (ports) => ports.length > 0 && !isAllPorts(ports));
  for (const { policy } of rules) {
    if (udp) found.udp.add(policy.key);
    if (sctp) found.sctp.add(policy.key);
  }
}

/** Parties that only the rules for everyone speak of. */
function* strangers({ parties }: PolicyCompiler, side: Side): Generator<Party> {
  if (side.everyone.length === 0) return;
  for (const party of [...parties.pods(), ...parties.outside()]) if (!side.named.has(party)) yield party;
}

const some = (
  connections: FamilyConnections,
  protocol: 'udp' | 'sctp',
  test: (ports: PortSet, family: 'ipv4' | 'ipv6') => boolean,
): boolean => (['ipv4', 'ipv6'] as const).some((family) => test(connections[family][protocol], family));

const listed = (code: FindingCode, message: string, policies: ReadonlySet<string>): readonly Finding[] =>
  [...policies].sort().map((object) => ({ code, severity: 'info' as const, object, message }));

const UDP =
  'allows UDP: the fabric keeps no UDP state and permits anything from the allowed source ports back; the host agents track connections and are exact';
const SCTP = 'allows SCTP ports: the fabric permits SCTP as a whole in both directions; the host agents are exact';

const equalPorts = (a: PortSet, b: PortSet): boolean => JSON.stringify(a) === JSON.stringify(b);

/** An ipBlock that cuts a foreign EPG: the fabric permits the union, the pods' agents enforce the rest (policy.md §3.11). */
function splitForeign(compiler: PolicyCompiler): readonly Finding[] {
  const seen = new Set<string>();
  const split = new Set<string>();
  for (const group of compiler.groups.all()) {
    if (group.kind === 'pods') continue;
    const [first] = group.parties;
    if (first?.foreignDn === undefined) continue;
    // One region a family is the whole EPG; a second one is a part of it.
    const key = `${first.family} ${first.foreignDn}`;
    if (seen.has(key)) split.add(first.foreignDn);
    seen.add(key);
  }
  return [...split].map((dn) => ({
    code: 'IPBLOCK_SPLITS_EPG',
    severity: 'warning',
    object: `EPG/${dn}`,
    message:
      'policies treat parts of this EPG differently by address; the fabric permits the union, the host agents enforce the rest',
  }));
}
