import { comparePrefixes, formatConn } from '#model/net';
import type { Cell, Party } from './matrix.js';

/** Matrix with fewer outside parties. */
export interface Merged {
  readonly parties: readonly Party[];
  readonly cells: readonly Cell[];
}

/**
 * Merges outside parties of one family and kind whose rows and columns are equal (policy.md §3.2): policies that name
 * many CIDRs for the same thing need one external EPG, not one a CIDR.
 */
export function mergeOutside(parties: readonly Party[], cells: readonly Cell[]): Merged {
  const rows = rowTexts(parties, cells);
  const keeper = new Map<string, number>();
  const target = parties.map((party, index) => {
    if (party.kind === 'pods') return index;
    const key = `${party.region.family} ${party.region.foreignDn ?? ''} ${rows[index]}`;
    const first = keeper.get(key) ?? index;
    keeper.set(key, first);
    return first;
  });
  const kept = parties.flatMap((_, index) => (target[index] === index ? [index] : []));
  const place = new Map(kept.map((old, index) => [old, index]));
  return {
    parties: kept.map((index) => withAbsorbed(parties, target, index)),
    cells: cells.flatMap((cell) => {
      const source = place.get(cell.source);
      const destination = place.get(cell.destination);
      return source === undefined || destination === undefined ? [] : [{ ...cell, source, destination }];
    }),
  };
}

/** Everything that the matrix says of a party, as text: equal texts are equal rows and columns. */
function rowTexts(parties: readonly Party[], cells: readonly Cell[]): readonly string[] {
  const rows: string[][] = parties.map(() => []);
  for (const { source, destination, family, connections } of cells) {
    const text = `${family} ${formatConn(connections)}`;
    if (parties[source]?.kind === 'outside') rows[source]?.push(`to ${destination} ${text}`);
    if (parties[destination]?.kind === 'outside') rows[destination]?.push(`from ${source} ${text}`);
  }
  return rows.map((row) => row.sort().join('\n'));
}

function withAbsorbed(parties: readonly Party[], target: readonly number[], index: number): Party {
  const party = parties[index] as Party;
  if (party.kind === 'pods') return party;
  const absorbed = parties.filter((other, number) => target[number] === index && other.kind === 'outside');
  const prefixes = absorbed
    .flatMap((other) => (other.kind === 'outside' ? other.region.prefixes : []))
    .sort(comparePrefixes);
  return { ...party, region: { ...party.region, prefixes } };
}
