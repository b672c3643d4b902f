import { isAllPorts, type PortSet, PROTOCOLS, type Protocol, portSet } from '#model/net';
import type { NodeConnections, NodePermit } from '#model/node';
import { identify } from './identifier.js';
import type { ConnectionSet, TaggedPermit } from './view.js';

type PortsByProtocol = Readonly<Record<Protocol, PortSet>>;
type Allowed = 'everything' | PortsByProtocol;

/** One pair of groups with all that its permits allow together. */
interface Pair {
  readonly source: string;
  readonly destination: string;
  readonly allowed: Allowed;
}

/**
 * The permits of IPv4 by tags and ids, one a pair of groups, sorted by id. The id of a permit is a hash of the pair's
 * names, the id of a set of connections a hash of its canonical text: equal sets share their flows.
 */
export function tagPermits(permits: readonly NodePermit[], tags: ReadonlyMap<string, number>): readonly TaggedPermit[] {
  const pairs = pairsOf(permits);
  const ids = identify(pairs.keys());
  const sets = identify([...pairs.values()].map(({ allowed }) => textOf(allowed)));
  return [...pairs]
    .map(([key, { source, destination, allowed }]) => ({
      id: ids.get(key) ?? 0,
      source: tags.get(source) ?? 0,
      destination: tags.get(destination) ?? 0,
      connections: connectionSet(allowed, sets.get(textOf(allowed)) ?? 0),
    }))
    .sort((a, b) => a.id - b.id);
}

/** Id of the permit of a pair in `ct_mark`, as long as no other pair's name has the same hash. */
export const permitKey = (source: string, destination: string): string => `${source}\u0000${destination}`;

function pairsOf(permits: readonly NodePermit[]): ReadonlyMap<string, Pair> {
  const pairs = new Map<string, Pair>();
  for (const { source, destination, families, connections } of permits) {
    const allowed = allowedBy(connections);
    if (!families.includes(4) || isEmpty(allowed)) continue;
    const key = permitKey(source, destination);
    const before = pairs.get(key);
    pairs.set(key, { source, destination, allowed: before === undefined ? allowed : union(before.allowed, allowed) });
  }
  return pairs;
}

const allowedBy = (connections: NodeConnections): Allowed =>
  connections === 'everything'
    ? 'everything'
    : { tcp: portSet(connections.tcp), udp: portSet(connections.udp), sctp: portSet(connections.sctp) };

const isEmpty = (allowed: Allowed): boolean =>
  allowed !== 'everything' && PROTOCOLS.every((protocol) => allowed[protocol].length === 0);

function union(a: Allowed, b: Allowed): Allowed {
  if (a === 'everything' || b === 'everything') return 'everything';
  return {
    tcp: portSet([...a.tcp, ...b.tcp]),
    udp: portSet([...a.udp, ...b.udp]),
    sctp: portSet([...a.sctp, ...b.sctp]),
  };
}

function textOf(allowed: Allowed): string {
  if (allowed === 'everything') return 'everything';
  return PROTOCOLS.filter((protocol) => allowed[protocol].length > 0)
    .map((protocol) => `${protocol}:${isAllPorts(allowed[protocol]) ? '*' : JSON.stringify(allowed[protocol])}`)
    .join(' ');
}

const connectionSet = (allowed: Allowed, id: number): ConnectionSet =>
  allowed === 'everything' ? 'everything' : { id, ports: allowed };
