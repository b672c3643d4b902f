import type { ConnSet } from '#model/net';
import type { NodePermit } from '#model/node';
import { connUnionOf } from './connection-sets.js';
import { identify } from './identifier.js';
import type { TaggedPermit } from './view.js';

/** One pair of groups with all that its permits allow together: possibly nothing, which is an exception as well. */
export interface PermittedPair {
  readonly source: string;
  readonly destination: string;
  readonly allowed: ConnSet;
}

/** Id of the permit of a pair in `ct_mark`, as long as no other pair's name has the same hash. */
export const permitKey = (source: string, destination: string): string => `${source}\u0000${destination}`;

/** The permits of IPv4, one a pair of groups. */
export function permittedPairs(permits: readonly NodePermit[]): readonly PermittedPair[] {
  const byPair = new Map<string, NodePermit[]>();
  for (const permit of permits) {
    if (!permit.families.includes(4)) continue;
    const key = permitKey(permit.source, permit.destination);
    const known = byPair.get(key);
    if (known === undefined) byPair.set(key, [permit]);
    else known.push(permit);
  }
  return [...byPair.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const { source, destination } = first;
    return [{ source, destination, allowed: connUnionOf(same.map(({ connections }) => connections)) }];
  });
}

/** The pairs by tags and ids, sorted by id. The id of a permit is a hash of the names of its groups. */
export function tagPermits(
  pairs: readonly PermittedPair[],
  tags: ReadonlyMap<string, number>,
  setOf: (set: ConnSet) => TaggedPermit['connections'],
): readonly TaggedPermit[] {
  const ids = identify(pairs.map(({ source, destination }) => permitKey(source, destination)));
  return pairs
    .map(({ source, destination, allowed }) => ({
      id: ids.get(permitKey(source, destination)) ?? 0,
      source: tags.get(source) ?? 0,
      destination: tags.get(destination) ?? 0,
      connections: setOf(allowed),
    }))
    .sort((a, b) => a.id - b.id);
}
