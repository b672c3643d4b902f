import {
  type ConnSet,
  EVERYTHING,
  formatConn,
  type IpFamily,
  intersectConn,
  isNothing,
  NOTHING,
} from '../net/index.js';
import type { CompiledPolicy, FamilyConnections, Group, GroupName, Permit, RuleReference } from './compiled-policy.js';
import type { GroupFacts } from './policy-tables.js';

/**
 * Every permit of the policy, those that both sides grant everyone included: one entry a pair of groups and family, or
 * one for both where they are equal. Sorted by source and destination; pairs of two outside groups are left out. Takes
 * time and room in the square of the number of groups: for small clusters, for one group (`of`), and for tests.
 */
export function everyPermit(compiled: CompiledPolicy, of?: ReadonlySet<GroupName>): readonly Permit[] {
  const exceptions = new Map(compiled.pairs.map((pair) => [`${pair.source}\n${pair.destination}`, pair]));
  const wanted = (source: Group, destination: Group): boolean =>
    (source.kind === 'pods' || destination.kind === 'pods') &&
    (of === undefined || of.has(source.name) || of.has(destination.name));
  return compiled.groups
    .flatMap((source) =>
      compiled.groups.flatMap((destination) => {
        if (!wanted(source, destination)) return [];
        const pair = exceptions.get(`${source.name}\n${destination.name}`) ?? generally(source, destination);
        return permitsOf(source.name, destination.name, pair);
      }),
    )
    .sort((a, b) => compare(a.source, b.source) || compare(a.destination, b.destination));
}

/** What two groups grant each other where no rule names the pair. */
export function generally(source: GroupFacts, destination: GroupFacts): Reasoned {
  const out = grants(source, 'egress', destination);
  const into = grants(destination, 'ingress', source);
  const common = familiesOf(source).filter((family) => familiesOf(destination).includes(family));
  return { connections: inCommon(out, into, common), why: generalReasons(source, destination) };
}

/** The rules behind what two groups grant each other where no rule names the pair. */
export const generalReasons = (source: GroupFacts, destination: GroupFacts): readonly RuleReference[] => [
  ...(source.kind === 'pods' ? source.egress.why : []),
  ...(destination.kind === 'pods' ? destination.ingress.why : []),
];

export interface Reasoned {
  readonly connections: FamilyConnections;
  readonly why: readonly RuleReference[];
}

function grants(group: GroupFacts, direction: 'ingress' | 'egress', peer: GroupFacts): FamilyConnections {
  if (group.kind !== 'pods') return { ipv4: EVERYTHING, ipv6: EVERYTHING };
  return peer.kind === 'pods' ? group[direction].pods : group[direction].outside;
}

/** What both grant in the families that both have; one family in common stands for both. */
function inCommon(a: FamilyConnections, b: FamilyConnections, families: readonly IpFamily[]): FamilyConnections {
  const [first, second] = families.map((family) =>
    family === 4 ? intersectConn(a.ipv4, b.ipv4) : intersectConn(a.ipv6, b.ipv6),
  );
  return { ipv4: first ?? NOTHING, ipv6: second ?? first ?? NOTHING };
}

const familiesOf = (group: GroupFacts): readonly IpFamily[] => {
  if (group.kind === 'pods') return group.families;
  return group.kind === 'external' ? [group.family] : [...new Set(group.prefixes.map((prefix) => prefix.family))];
};

/** The permits of one pair: one for both families where they are equal, none where nothing is allowed. */
export function permitsOf(
  source: GroupName,
  destination: GroupName,
  { connections, why }: Reasoned,
): readonly Permit[] {
  const { ipv4, ipv6 } = connections;
  const permit = (family: Permit['family'], set: ConnSet): readonly Permit[] =>
    isNothing(set) ? [] : [{ source, destination, family, connections: set, why }];
  return formatConn(ipv4) === formatConn(ipv6)
    ? permit('ip', ipv4)
    : [...permit('ipv4', ipv4), ...permit('ipv6', ipv6)];
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
