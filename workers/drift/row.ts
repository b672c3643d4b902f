import type { DriftRow } from '#ports';
import type { DriftItem } from './item.js';

/** What the API shows of a drift. */
export function driftRow(item: DriftItem): DriftRow {
  const { dn, className, field, wanted, found, policy, author, sources, flips } = item;
  const since = new Date(item.since).toISOString();
  return { dn, className, field, wanted, found, policy, state: stateOf(item), since, author, sources, flips };
}

function stateOf({ repairedAt, pausedUntil }: DriftItem): DriftRow['state'] {
  if (repairedAt !== undefined) return 'repaired';
  return pausedUntil === undefined ? 'standing' : 'backing-off';
}
