import { type ConnSet, EVERYTHING, formatConn, isEverything, isNothing, NOTHING, portSet, unionConn } from '#model/net';
import type { NodeConnections } from '#model/node';
import { identify } from './identifier.js';
import type { ConnectionSet } from './view.js';

/** What a slice says may be opened, in canonical form whatever the order of its port ranges. */
export function connSetOf(connections: NodeConnections): ConnSet {
  if (connections === 'everything') return EVERYTHING;
  if (connections === 'nothing') return NOTHING;
  const { tcp, udp, sctp, other = false } = connections;
  return { tcp: portSet(tcp), udp: portSet(udp), sctp: portSet(sctp), other };
}

/** All that several of them allow together. */
export const connUnionOf = (connections: readonly NodeConnections[]): ConnSet =>
  connections.map(connSetOf).reduce(unionConn, NOTHING);

/**
 * Numbers sets of connections: gives the function from a set to what the flows call it. The id is a hash of the set's
 * canonical text, so that equal sets share their flows and keep their id from one compilation to the next.
 */
export function numberSets(sets: Iterable<ConnSet>): (set: ConnSet) => ConnectionSet {
  const texts = new Set<string>();
  for (const set of sets) if (!isEverything(set) && !isNothing(set)) texts.add(formatConn(set));
  const ids = identify(texts);
  return (set) => {
    if (isEverything(set)) return 'everything';
    const id = ids.get(formatConn(set));
    return id === undefined ? 'nothing' : { id, allowed: set };
  };
}

/** Whether both are the same set. */
export const isSameSet = (a: ConnectionSet, b: ConnectionSet): boolean =>
  typeof a === 'string' || typeof b === 'string' ? a === b : a.id === b.id;
