import type { Batch } from './batches.js';
import { rankOf } from './change-order.js';
import { hasAncestorIn } from './diff.js';
import type { Phase } from './plan.js';
import { unitDn } from './units.js';

/** Phases whose batches must come in their order: prefixes, by their lengths. */
const IN_ORDER: ReadonlySet<Phase['name']> = new Set<Phase['name']>(['prefixes', 'merge']);

/**
 * The batches of a phase, in their order, put together where none needs another: those of a wave may be posted in any order, and at
 * the same time. In a wave all objects are of one rank, so that none refers to another, and none is below an object that
 * another batch of it makes or takes away.
 */
export function wavesOf({ name, batches }: Phase): readonly (readonly Batch[])[] {
  if (IN_ORDER.has(name)) return batches.map((batch) => [batch]);
  const waves: Batch[][] = [];
  let wave: Wave | undefined;
  for (const batch of batches) {
    const rank = rankIn(batch);
    if (wave === undefined || rank === undefined || wave.rank !== rank || isBelow(batch, wave.units)) {
      wave = { rank, units: new Set() };
      waves.push([]);
    }
    waves.at(-1)?.push(batch);
    for (const { object } of batch.changes) wave.units.add(unitDn(object.dn));
  }
  return waves;
}

interface Wave {
  /** Undefined where the batch has objects of several ranks: it stands alone. */
  readonly rank: number | undefined;
  readonly units: Set<string>;
}

/** The rank of all objects of the batch; undefined when they have several. */
function rankIn({ changes }: Batch): number | undefined {
  const [first, last] = [changes[0], changes.at(-1)].map((change) => rankOf(unitDn(change?.object.dn ?? '')));
  return first === last ? first : undefined;
}

/** Whether anything in the batch is below one of the objects. */
const isBelow = ({ changes }: Batch, units: ReadonlySet<string>): boolean =>
  changes.some(({ object }) => hasAncestorIn(units, unitDn(object.dn)));
