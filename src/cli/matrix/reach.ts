import { type ConnSet, formatConn, isNothing, NOTHING } from '#model/net';
import { type CompiledPolicy, type Group, type GroupName, generally, type Pair } from '#model/policy';

/** What one source may open toward a set of destinations, all alike. */
export interface Reach {
  readonly source: string;
  /** `ip` where it holds in every family that both have; else the one family in which it holds. */
  readonly family: 'ip' | 'ipv4' | 'ipv6';
  /** Canonical text: `TCP:80,443 UDP:53`, `ALL`, `NONE`. */
  readonly connections: string;
  /** Destinations by name, sorted. */
  readonly destinations: readonly string[];
  /** Whether these are all that there are, but for `except`. */
  readonly everyone: boolean;
  readonly except: readonly string[];
}

/** A member of the matrix: a group, or a pod with what its group may do. */
export interface Subject {
  readonly name: string;
  readonly group: Group;
}

/**
 * Who may reach whom: for every source the destinations, put together by what may be opened. What reaches nobody has one
 * entry `NONE` toward everyone; pairs with nothing are not listed otherwise, nor are pairs of two outside groups.
 */
export function reachOf(compiled: CompiledPolicy, subjects: readonly Subject[]): readonly Reach[] {
  const pairs = new Map(compiled.pairs.map((pair) => [pairKey(pair.source, pair.destination), pair]));
  return subjects.flatMap((source) => reachOfSource(source, subjects, pairs));
}

const pairKey = (source: GroupName, destination: GroupName): string => `${source}\n${destination}`;

function reachOfSource(
  source: Subject,
  subjects: readonly Subject[],
  pairs: ReadonlyMap<string, Pair>,
): readonly Reach[] {
  const possible = subjects.filter(
    (one) =>
      (one.group.kind === 'pods' || source.group.kind === 'pods') &&
      (one.name !== source.name || isSeveral(source)) &&
      haveFamilyInCommon(source.group, one.group),
  );
  const byConnections = new Map<string, { family: Reach['family']; connections: string; destinations: string[] }>();
  for (const destination of possible) {
    for (const [family, set] of opened(source.group, destination.group, pairs)) {
      const connections = formatConn(set);
      const key = `${family} ${connections}`;
      const known = byConnections.get(key);
      if (known === undefined) byConnections.set(key, { family, connections, destinations: [destination.name] });
      else known.destinations.push(destination.name);
    }
  }
  const nobody = { family: 'ip' as const, connections: formatConn(NOTHING), destinations: possible.map(nameOf) };
  const found = byConnections.size === 0 && possible.length > 0 ? [nobody] : [...byConnections.values()];
  return found.map((reach) => ({ source: source.name, ...reach, ...completeness(reach.destinations, possible) }));
}

const nameOf = ({ name }: Subject): string => name;

/** A group with one pod or none has nobody inside to talk to; neither has a pod. */
const isSeveral = ({ name, group }: Subject): boolean =>
  group.kind === 'pods' && group.name === name && group.members.length > 1;

function familiesOf(group: Group): readonly (4 | 6)[] {
  if (group.kind === 'pods') return group.families;
  return group.kind === 'external' ? [group.family] : group.prefixes.map(({ family }) => family);
}

const haveFamilyInCommon = (a: Group, b: Group): boolean =>
  familiesOf(a).some((family) => familiesOf(b).includes(family));

function opened(
  source: Group,
  destination: Group,
  pairs: ReadonlyMap<string, Pair>,
): readonly (readonly [Reach['family'], ConnSet])[] {
  const { connections } = pairs.get(pairKey(source.name, destination.name)) ?? generally(source, destination);
  const { ipv4, ipv6 } = connections;
  const both: readonly (readonly [Reach['family'], ConnSet])[] =
    formatConn(ipv4) === formatConn(ipv6)
      ? [['ip', ipv4]]
      : [
          ['ipv4', ipv4],
          ['ipv6', ipv6],
        ];
  return both.filter(([, set]) => !isNothing(set));
}

/** Whether the destinations are most of those that are possible: then the others are the shorter list. */
function completeness(
  destinations: readonly string[],
  possible: readonly Subject[],
): Pick<Reach, 'everyone' | 'except'> {
  const reached = new Set(destinations);
  const except = possible.filter(({ name }) => !reached.has(name)).map(nameOf);
  const everyone = except.length === 0 || except.length * 2 < destinations.length;
  return { everyone, except: everyone ? except : [] };
}
