import { type ConnSet, type IpFamily, NOTHING, unionConn } from '#model/net';
import {
  type CompiledPolicy,
  type ExternalGroup,
  type FamilyConnections,
  type Group,
  type GroupName,
  generally,
  type Openness,
  type Pair,
  type PodGroup,
  type RuleReference,
} from '#model/policy';
import type { JoinedGroups } from './join-groups.js';

/**
 * The policy as the fabric has it: joined groups are one, which may open whatever one of them might, and toward which
 * whatever was toward one of them; inside, what any of them might toward any (policy.md §3.10). Never less than the policy
 * itself. Takes time in proportion to groups and pairs. Pure.
 */
export function joinedPolicy(compiled: CompiledPolicy, { of }: JoinedGroups): CompiledPolicy {
  if (of.size === 0) return compiled;
  const nameOf = (group: GroupName): GroupName => of.get(group) ?? group;
  const groups = joinedGroups(compiled.groups, nameOf);
  return {
    ...compiled,
    groups: [...groups.values()].map(({ whole }) => whole),
    membership: new Map([...compiled.membership].map(([pod, group]) => [pod, nameOf(group)])),
    pairs: joinedPairs(compiled, groups, nameOf),
  };
}

/**
 * The policy as the hosts have it: every group by itself, with the VLAN of the fabric's group that it is in, since that is
 * what tells the fabric where a frame comes from. Pure.
 */
export function withFabricVlans(compiled: CompiledPolicy, { of }: JoinedGroups): CompiledPolicy {
  if (of.size === 0) return compiled;
  const vlans = new Map(compiled.groups.flatMap((group) => (group.kind === 'pods' ? [[group.name, group.vlan]] : [])));
  const groups = compiled.groups.map((group) => {
    const kept = of.get(group.name);
    return group.kind === 'pods' && kept !== undefined ? { ...group, vlan: vlans.get(kept) } : group;
  });
  return { ...compiled, groups };
}

/** A group of the fabric. */
interface Joined {
  readonly whole: Group;
  /** How many of its groups have addresses. */
  readonly populated: number;
}

function joinedGroups(
  groups: readonly Group[],
  nameOf: (group: GroupName) => GroupName,
): ReadonlyMap<GroupName, Joined> {
  const parts = new Map<GroupName, Group[]>();
  for (const group of groups) {
    const name = nameOf(group.name);
    const known = parts.get(name);
    if (known === undefined) parts.set(name, [group]);
    else known.push(group);
  }
  const joined = new Map<GroupName, Joined>();
  for (const [name, own] of parts) {
    const kept = own.find((group) => group.name === name);
    if (kept !== undefined) joined.set(name, { whole: wholeOf(kept, own), populated: own.filter(hasAddresses).length });
  }
  return joined;
}

const hasAddresses = (group: Group): boolean => group.kind !== 'pods' || group.families.length > 0;

function wholeOf(kept: Group, own: readonly Group[]): Group {
  if (own.length === 1) return kept;
  if (kept.kind === 'external') return wholeExternal(kept, own);
  return kept.kind === 'pods'
    ? wholePods(
        kept,
        own.filter((group) => group.kind === 'pods'),
      )
    : kept;
}

const wholeExternal = (kept: ExternalGroup, own: readonly Group[]): ExternalGroup => ({
  ...kept,
  prefixes: own.flatMap((group) => (group.kind === 'external' ? group.prefixes : [])),
  joined: namesOf(kept, own),
});

/** Names of the groups, also of those that were joined before; that of the one whose name stays is the first. */
function namesOf(kept: Group, own: readonly Group[]): readonly GroupName[] {
  const names = own.flatMap((group) => ('joined' in group && group.joined !== undefined ? group.joined : [group.name]));
  return [kept.name, ...names.filter((name) => name !== kept.name).sort()];
}

function wholePods(kept: PodGroup, own: readonly PodGroup[]): PodGroup {
  const families = ([4, 6] as const).filter((family) => own.some((group) => group.families.includes(family)));
  const same = <Value>(valueOf: (group: PodGroup) => Value): Value | undefined =>
    own.every((group) => valueOf(group) === valueOf(kept)) ? valueOf(kept) : undefined;
  return {
    ...kept,
    namespace: same(({ namespace }) => namespace),
    workload: same(({ workload }) => workload),
    members: own.flatMap(({ members }) => members).sort(),
    families,
    egress: wholeOpenness('egress', own, families),
    ingress: wholeOpenness('ingress', own, families),
    joined: namesOf(kept, own),
  };
}

function wholeOpenness(
  direction: 'egress' | 'ingress',
  own: readonly PodGroup[],
  families: readonly IpFamily[],
): Openness {
  const populated = own.filter((group) => group.families.length > 0);
  const toward = (side: 'pods' | 'outside'): FamilyConnections => {
    const union = new FamilyUnion();
    for (const group of populated) union.add(group[direction][side], group.families);
    return union.over(families);
  };
  const why = new Set<RuleReference>();
  for (const group of populated) for (const reason of group[direction].why) why.add(reason);
  const isolated = populated.every((group) => group[direction].isolated);
  return { isolated, pods: toward('pods'), outside: toward('outside'), why: [...why] };
}

/** What several may open, each in the families that it has. */
class FamilyUnion {
  #ipv4: ConnSet = NOTHING;
  #ipv6: ConnSet = NOTHING;

  add({ ipv4, ipv6 }: FamilyConnections, families: readonly IpFamily[]): void {
    if (families.includes(4)) this.#ipv4 = unionConn(this.#ipv4, ipv4);
    if (families.includes(6)) this.#ipv6 = unionConn(this.#ipv6, ipv6);
  }

  /** One family stands for both. */
  over(families: readonly IpFamily[]): FamilyConnections {
    const ipv4 = families.includes(4) || !families.includes(6) ? this.#ipv4 : this.#ipv6;
    return { ipv4, ipv6: families.includes(6) ? this.#ipv6 : ipv4 };
  }
}

/** Pairs of groups that are one pair of the fabric's. */
interface PairParts {
  readonly source: Joined;
  readonly destination: Joined;
  readonly parts: Pair[];
}

function joinedPairs(
  compiled: CompiledPolicy,
  joined: ReadonlyMap<GroupName, Joined>,
  nameOf: (group: GroupName) => GroupName,
): readonly Pair[] {
  const byPair = new Map<string, PairParts>();
  for (const pair of compiled.pairs) {
    const [from, to] = [nameOf(pair.source), nameOf(pair.destination)];
    const key = `${from}\n${to}`;
    const known = byPair.get(key);
    const [source, destination] = [joined.get(from), joined.get(to)];
    if (known !== undefined) known.parts.push(pair);
    else if (source !== undefined && destination !== undefined) byPair.set(key, { source, destination, parts: [pair] });
  }
  const families = familiesByName(compiled.groups);
  return [...byPair.values()]
    .map((parts) => wholePair(parts, families))
    .sort((a, b) => compare(a.source, b.source) || compare(a.destination, b.destination));
}

function wholePair({ source, destination, parts }: PairParts, families: Families): Pair {
  const all = source.populated * destination.populated;
  const [only] = parts;
  if (only !== undefined && all === 1)
    return { ...only, source: source.whole.name, destination: destination.whole.name };
  const common = commonFamilies(familiesOf(source.whole), familiesOf(destination.whole));
  const union = new FamilyUnion();
  const why = new Set<RuleReference>();
  for (const part of parts) {
    union.add(part.connections, commonFamilies(families.get(part.source), families.get(part.destination)));
    for (const reason of part.why) why.add(reason);
  }
  // Where no rule names a pair of their groups, these may open what both grant everyone.
  if (parts.length < all) {
    const general = generally(source.whole, destination.whole);
    union.add(general.connections, common);
    for (const reason of general.why) why.add(reason);
  }
  const pair = { source: source.whole.name, destination: destination.whole.name };
  return { ...pair, connections: union.over(common), why: [...why] };
}

type Families = ReadonlyMap<GroupName, readonly IpFamily[]>;

const familiesByName = (groups: readonly Group[]): Families =>
  new Map(groups.map((group) => [group.name, familiesOf(group)]));

function familiesOf(group: Group): readonly IpFamily[] {
  if (group.kind === 'pods') return group.families;
  return group.kind === 'external' ? [group.family] : [...new Set(group.prefixes.map(({ family }) => family))];
}

const commonFamilies = (a: readonly IpFamily[] = [], b: readonly IpFamily[] = []): readonly IpFamily[] =>
  a.filter((family) => b.includes(family));

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
