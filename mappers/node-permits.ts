import { type Lanes, lanesOf, SetHash } from '#model/naming';
import { formatConn } from '#model/net';
import type { NodePermit } from '#model/node';
import type { GroupName, Pair } from '#model/policy';
import { nodeConnections } from './node-connections.js';

/** Permits, and a text that is equal for equal ones: their hashes. */
export interface HashedPermits {
  readonly permits: readonly NodePermit[];
  readonly digest: string;
}

/** Gives the permits with a side in one of the groups, in the order of the pairs. */
export type PermitsOf = (groups: Iterable<GroupName>) => HashedPermits;

/**
 * An index of the exceptions by group: what a node gets costs as much as it holds, however many pairs there are. Nodes
 * share the permits: each is built and hashed once.
 */
export function indexPermits(pairs: readonly Pair[]): PermitsOf {
  const byGroup = new Map<GroupName, number[]>();
  const note = (group: GroupName, index: number): void => {
    const indices = byGroup.get(group);
    if (indices === undefined) byGroup.set(group, [index]);
    else indices.push(index);
  };
  for (const [index, { source, destination }] of pairs.entries()) {
    note(source, index);
    if (destination !== source) note(destination, index);
  }
  const permits = pairs.map(permitsOf);
  const hashes = permits.map((ofPair) => lanesOf(JSON.stringify(ofPair)));
  return (groups) => {
    const wanted = new Set<number>();
    for (const group of groups) for (const index of byGroup.get(group) ?? []) wanted.add(index);
    const indices = [...wanted].sort((a, b) => a - b);
    const hash = new SetHash();
    for (const index of indices) hash.addHashed(hashes[index] ?? NO_PAIR);
    return { permits: indices.flatMap((index) => permits[index] ?? []), digest: hash.digits() };
  };
}

const NO_PAIR: Lanes = [0, 0];

/** A pair as one permit, or as one a family where they differ. A pair that may open nothing is said as well. */
export function permitsOf({ source, destination, connections: { ipv4, ipv6 } }: Pair): readonly NodePermit[] {
  const permit = (families: NodePermit['families'], set: typeof ipv4): NodePermit => ({
    source,
    destination,
    families,
    connections: nodeConnections(set),
  });
  return formatConn(ipv4) === formatConn(ipv6) ? [permit([4, 6], ipv4)] : [permit([4], ipv4), permit([6], ipv6)];
}
