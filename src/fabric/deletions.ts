import { type FlatObject, parentDn } from '#model/aci';
import { containsPrefix, type Prefix, parsePrefix } from '#model/net';
import { changesHash } from './change-hash.js';
import type { Change } from './diff.js';
import { type PhaseName, TAKING_AWAY } from './phases.js';
import type { PlanFacts } from './plan-facts.js';

/** What a plan takes away for good, or a part of it. */
export interface Deletions {
  readonly changes: readonly Change[];
  /** Managed objects that go, with all that is below them. */
  readonly objects: number;
  /** Managed objects of ours that are there now. */
  readonly owned: number;
  /** Equal for equal deletions, whatever else a plan does. */
  readonly hash: string;
}

/**
 * The deletions of a plan that can be left out while everything else is done, so that the fabric still permits all that it
 * should: those of the last two phases, and prefixes whose addresses belong to no group afterwards. Deletions that something
 * else needs are none of these: a denial that goes, a prefix that moves to another group or falls to a shorter one, a binding
 * whose VLAN another group has now.
 */
export function deletionsOf(
  byPhase: ReadonlyMap<PhaseName, readonly Change[]>,
  facts: PlanFacts,
  isInTheWay: (object: FlatObject) => boolean,
): Deletions {
  const changes: Change[] = [];
  const merged = byPhase.get('merge') ?? [];
  const wanted = merged.length === 0 ? [] : wantedPrefixes(facts);
  for (const change of merged) if (!isCovered(change, wanted)) changes.push(change);
  for (const name of TAKING_AWAY) {
    for (const change of byPhase.get(name) ?? []) if (!isInTheWay(change.object)) changes.push(change);
  }
  return deletionsAmong(changes, facts);
}

/** What some deletions of a plan take away. */
export function deletionsAmong(changes: readonly Change[], facts: Pick<PlanFacts, 'below' | 'owned'>): Deletions {
  const isNone = changes.length === 0;
  return {
    changes,
    objects: isNone ? 0 : countWithBelow(changes, facts),
    owned: isNone ? 0 : facts.owned(),
    hash: changesHash(changes),
  };
}

/** Gives those deletions that may be made now. */
export type DeletionGate = (
  deletions: Deletions,
  part: (changes: readonly Change[]) => Deletions,
) => Deletions['changes'];

/**
 * The deletions that are held: those that are not free to go, and those of objects that a held one is below, as it would go with
 * them.
 */
export function heldAmong(changes: readonly Change[], isFree: (change: Change) => boolean): readonly Change[] {
  const above = new Set<string>();
  for (const change of changes) {
    if (isFree(change)) continue;
    for (let dn = parentDn(change.object.dn); dn !== undefined; dn = parentDn(dn)) above.add(dn);
  }
  return changes.filter((change) => !isFree(change) || above.has(change.object.dn));
}

/** The deletions that have to wait, because they may not be made yet. */
export function waitingOf(
  deletions: Deletions,
  facts: Pick<PlanFacts, 'below' | 'owned'>,
  mayDelete: DeletionGate = ({ changes }) => changes,
): Deletions {
  // Asked of none, too: what was approved is used up then.
  const may = new Set(mayDelete(deletions, (changes) => deletionsAmong(changes, facts)));
  const held = heldAmong(deletions.changes, (change) => may.has(change));
  return held.length === deletions.changes.length ? deletions : deletionsAmong(held, facts);
}

/** A prefix below an external EPG that goes as well is counted once. */
function countWithBelow(changes: readonly Change[], { below }: Pick<PlanFacts, 'below'>): number {
  const dns = new Set<string>();
  for (const { object } of changes) {
    dns.add(object.dn);
    for (const inner of below(object.dn)) dns.add(inner.dn);
  }
  return dns.size;
}

const wantedPrefixes = ({ outside }: PlanFacts): readonly Prefix[] =>
  [...outside.desired.values()].flatMap(({ className, attributes }) =>
    className === 'l3extSubnet' ? prefixOf(attributes['ip']) : [],
  );

/** Whether the addresses of a prefix that goes fall to a shorter one that is wanted. */
function isCovered({ object }: Change, wanted: readonly Prefix[]): boolean {
  const [prefix] = prefixOf(object.attributes['ip']);
  return prefix !== undefined && wanted.some((outer) => containsPrefix(outer, prefix));
}

function prefixOf(text = ''): readonly Prefix[] {
  try {
    return [parsePrefix(text)];
  } catch {
    return [];
  }
}
