import { type ClusterSnapshot, matchesSelector, type PodView } from '#model/kubernetes';
import type { Finding } from '#model/policy';
import { approximations } from './approximations.js';
import type { CompileOptions, PolicyCompiler } from './compiler.js';
import { equalPriorities } from './equal-priorities.js';
import { BASE_LIMIT, baseName, fullName } from './group-names.js';
import type { NumberRange } from './number-pool.js';
import { outsideFindings } from './outside-findings.js';
import type { Party, PolicyEntry, Rule } from './parties.js';

/**
 * What the user must know about the policies: meanings that may not be expected, and what the fabric can only
 * approximate (policy.md §3.11).
 */
export function findingsOf(
  compiler: PolicyCompiler,
  snapshot: ClusterSnapshot,
  { vlanPool, vniPool }: Pick<CompileOptions, 'vlanPool' | 'vniPool'>,
): readonly Finding[] {
  const pods = podsByNamespace(snapshot);
  const policies = [...compiler.policies.entries()];
  return [
    ...snapshot.findings,
    ...shortenedNames(compiler),
    ...(vlanPool === undefined ? [] : compiler.allocator.withoutVlan().map((name) => noVlan(name, vlanPool))),
    ...(vniPool === undefined ? [] : compiler.allocator.withoutVni().map((name) => noVni(name, vniPool))),
    ...policies.flatMap((policy) => [...hostNetworkOnly(policy, pods), ...unresolvedNames(compiler, policy)]),
    ...equalPriorities(compiler.parties.pods()),
    ...approximations(compiler),
    ...outsideFindings(compiler),
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

function noVni(name: string, pool: NumberRange): Finding {
  const message = `no VNI is left in the pool ${pool.from}-${pool.to} for group '${name}'; its pods have no way through the overlay. Widen fabric.vniPool`;
  return { code: 'VNIS_EXHAUSTED', severity: 'error', object: `Group/${name}`, message };
}

function noVlan(name: string, pool: NumberRange): Finding {
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
