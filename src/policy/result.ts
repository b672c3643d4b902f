import type {
  CompiledPolicy,
  FamilyConnections,
  Group,
  GroupName,
  Openness,
  Pair,
  PodGroup,
  PodKey,
  PolicyTables,
  RuleReference,
} from '#model/policy';
import type { PolicyCompiler } from './compiler.js';
import { familiesIn } from './family-mask.js';
import type { GroupEntry, OutsideGroupEntry, PodGroupEntry } from './group-entry.js';
import { membersOf, prefixesOf, representative } from './group-table.js';
import type { Party } from './parties.js';

/** The group of the name as it is now; undefined when there is none. */
export function groupNamed(compiler: PolicyCompiler, name: GroupName): Group | undefined {
  const group = compiler.groups.named(name);
  if (group?.kind === 'pods') return podGroup(compiler, group);
  return group === undefined ? reservedGroup(compiler, name) : outsideGroup(compiler, group);
}

/** What a compiler has found, to look things up in: groups and pairs are as they are when somebody asks. */
export const compilerTables = (compiler: PolicyCompiler): PolicyTables => ({
  group: (name) => {
    const group = compiler.groups.named(name);
    if (group?.kind === 'pods') return podFacts(compiler, group);
    return group === undefined ? reservedGroup(compiler, name) : outsideGroup(compiler, group);
  },
  pair: (source, destination) => pairBetween(compiler, source, destination),
  signature: (name) => compiler.allocator.signatureOf(name),
});

const reservedGroup = (compiler: PolicyCompiler, name: GroupName): PodGroup | undefined =>
  compiler.allocator.reserved().has(name) ? emptyGroup(compiler, name) : undefined;

/** The pair of groups of these names, where it is an exception from what both grant everyone. */
export function pairBetween(compiler: PolicyCompiler, source: GroupName, destination: GroupName): Pair | undefined {
  const [from, to] = [compiler.groups.named(source), compiler.groups.named(destination)];
  const [first, last] = [from && representative(from), to && representative(to)];
  if (from === undefined || to === undefined || first === undefined || last === undefined) return undefined;
  const connections = compiler.pairs.row(first).get(last);
  return connections === undefined ? undefined : pairOf(compiler, from, to, connections);
}

/** The group that a pod is in; undefined for one that no policy applies to. */
export function groupOfPod({ pods, groups }: PolicyCompiler, key: PodKey): GroupName | undefined {
  const party = pods.pods.get(key)?.party;
  return party === undefined ? undefined : groups.of(party)?.name;
}

/** What the compiler has found, as immutable values. */
export function resultOf(compiler: PolicyCompiler): Omit<CompiledPolicy, 'findings'> {
  return {
    groups: groupsOf(compiler),
    membership: membershipOf(compiler),
    pairs: pairsOf(compiler),
    allocation: compiler.allocator.allocation(),
  };
}

function groupsOf(compiler: PolicyCompiler): readonly Group[] {
  const pods = new Map<GroupName, Group>();
  const outside: OutsideGroupEntry[] = [];
  for (const name of compiler.allocator.reserved()) pods.set(name, emptyGroup(compiler, name));
  for (const group of compiler.groups.all()) {
    if (group.kind === 'pods') pods.set(group.name, podGroup(compiler, group));
    else outside.push(group);
  }
  const byName = (a: { readonly name: string }, b: { readonly name: string }): number => compare(a.name, b.name);
  const sorted = [...pods.values()].sort(byName);
  return [...sorted, ...outside.sort(byName).map((group) => outsideGroup(compiler, group))];
}

const podGroup = (compiler: PolicyCompiler, group: PodGroupEntry): PodGroup => ({
  ...podFacts(compiler, group),
  members: membersOf(group),
});

function podFacts(compiler: PolicyCompiler, group: PodGroupEntry): Omit<PodGroup, 'members'> {
  const { name, namespace, workload } = group;
  const party = representative(group) as Party;
  return {
    kind: 'pods',
    name,
    namespace,
    workload,
    families: familiesIn(party.families),
    ...numbersOf(compiler, name),
    egress: openness(group, party, 'egress'),
    ingress: openness(group, party, 'ingress'),
  };
}

/** The group of a namespace without pods: an admin finds it, and the first pod has a VLAN at once. */
function emptyGroup(compiler: PolicyCompiler, namespace: string): PodGroup {
  const { connections } = compiler;
  const closed = { isolated: false, pods: connections.nothing, outside: connections.nothing, why: [] };
  const shared = { namespace, workload: undefined, members: [], families: [], ...numbersOf(compiler, namespace) };
  return { kind: 'pods', name: namespace, ...shared, egress: closed, ingress: closed };
}

function numbersOf({ allocator }: PolicyCompiler, name: GroupName): Pick<PodGroup, 'vlan' | 'vni'> {
  const vni = allocator.vniOf(name);
  return { vlan: allocator.vlanOf(name), ...(vni === undefined ? {} : { vni }) };
}

/** What the group grants everyone: its parties grant the same, each by rules of its own. */
function openness(group: PodGroupEntry, { egress, ingress }: Party, direction: 'ingress' | 'egress'): Openness {
  const { isolated, pods, outside } = direction === 'egress' ? egress : ingress;
  const rules = [...group.parties].flatMap((party) => party[direction].everyone.map((rule) => rule.reference));
  return { isolated, pods, outside, why: sorted(new Set(rules)) };
}

function outsideGroup({ nodes }: PolicyCompiler, group: OutsideGroupEntry): Group {
  const [first] = group.parties;
  const { name } = group;
  const prefixes = prefixesOf(group);
  if (first?.foreignDn !== undefined) {
    const dn = first.foreignDn;
    return { kind: dn === nodes.epgDn ? 'nodes' : 'foreign', name, dn, prefixes };
  }
  return { kind: 'external', name, family: first?.family ?? 4, prefixes };
}

function membershipOf(compiler: PolicyCompiler): CompiledPolicy['membership'] {
  const membership = new Map<string, GroupName>();
  for (const [key, pod] of compiler.pods.pods) {
    const group = pod.party === undefined ? undefined : compiler.groups.of(pod.party);
    if (group !== undefined) membership.set(key, group.name);
  }
  return membership;
}

function pairsOf(compiler: PolicyCompiler): readonly Pair[] {
  const pairs: Pair[] = [];
  for (const group of compiler.groups.all()) {
    const source = representative(group);
    if (source === undefined) continue;
    for (const [other, connections] of compiler.pairs.row(source)) {
      const destination = compiler.groups.of(other);
      if (destination === undefined || representative(destination) !== other) continue;
      pairs.push(pairOf(compiler, group, destination, connections));
    }
  }
  return pairs.sort((a, b) => compare(a.source, b.source) || compare(a.destination, b.destination));
}

/** One pair; its reasons are computed when somebody asks for them. */
function pairOf(
  compiler: PolicyCompiler,
  source: GroupEntry,
  destination: GroupEntry,
  connections: FamilyConnections,
): Pair {
  return {
    source: source.name,
    destination: destination.name,
    connections,
    why: reasonsOf(compiler, source, destination),
  };
}

function reasonsOf(compiler: PolicyCompiler, source: GroupEntry, destination: GroupEntry): readonly RuleReference[] {
  const reasons = new Set<RuleReference>();
  for (const from of source.parties) {
    for (const to of destination.parties) for (const reason of compiler.pairs.why(from, to)) reasons.add(reason);
  }
  return sorted(reasons);
}

/** Reasons in an order that does not depend on which of a group's pods came first. */
const sorted = (reasons: ReadonlySet<RuleReference>): readonly RuleReference[] =>
  [...reasons].sort((a, b) => compare(a.direction, b.direction) || compare(a.policy, b.policy) || a.rule - b.rule);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
