import type { Allocation, GroupName, RestingVlan, VlanSpace } from '#model/policy';

/** What numbers are given by. */
export interface NumberChoice {
  readonly pool: { readonly from: number; readonly to: number };
  /**
   * VLANs that groups have, or had until now, at the AEP. A group gets the same number here where it can: then its hosts
   * change nothing when the encoding changes. Others do not get it before all else is used: while the AEP still has it,
   * it would lead two ways on one port.
   */
  readonly atProfile: ReadonlyMap<GroupName, number>;
  /** As of when numbers are given, and for how long one rests after its group (policy.md §3.9). */
  readonly time: Allocation['time'];
}

/** A space after an allocation, and the groups for which no number was left. */
export interface SpaceAllocation {
  readonly space: VlanSpace;
  readonly without: readonly GroupName[];
}

export const EMPTY_SPACE: VlanSpace = { bound: new Map(), resting: new Map() };

/**
 * Gives each wanted group a VLAN of the space: the one that it has or had there, else that of the AEP, else one that nobody
 * had, else that of the group that is gone longest, once it has rested. No two groups have one number (policy.md A2). Pure; groups are served
 * in the order of their names.
 */
export function allocateSpace(
  wanted: Iterable<GroupName>,
  { bound, resting }: VlanSpace,
  { pool, atProfile, time }: NumberChoice,
): SpaceAllocation {
  const groups = [...new Set(wanted)].sort();
  const given = new Map<GroupName, number>();
  const used = new Set<number>();
  const give = (group: GroupName, vlan: number | undefined): void => {
    if (vlan === undefined || given.has(group) || used.has(vlan) || vlan < pool.from || vlan > pool.to) return;
    given.set(group, vlan);
    used.add(vlan);
  };
  for (const group of groups) give(group, bound.get(group));
  for (const group of groups) give(group, resting.get(group)?.vlan);
  for (const group of groups) give(group, atProfile.get(group));
  const gone = [...bound].map(([group, vlan]) => [group, { vlan, since: time.now }] as const);
  const rest = restingNumbers([...resting, ...gone], given, used);
  const atRest = new Set([...rest.values()].map(({ vlan }) => vlan));
  const next = freeNumbers(pool, [used, atRest, new Set(atProfile.values())]);
  for (const group of groups) if (!given.has(group)) give(group, next() ?? longestGone(rest, time));
  const inOrder = new Map(groups.flatMap((group) => pairWith(group, given.get(group))));
  return { space: { bound: inOrder, resting: rest }, without: groups.filter((group) => !given.has(group)) };
}

const pairWith = (group: GroupName, vlan: number | undefined): readonly (readonly [GroupName, number])[] =>
  vlan === undefined ? [] : [[group, vlan]];

/** Numbers of groups that are gone and that nobody has now, the longest gone first. */
function restingNumbers(
  known: readonly (readonly [GroupName, RestingVlan])[],
  given: ReadonlyMap<GroupName, number>,
  used: ReadonlySet<number>,
): Map<GroupName, RestingVlan> {
  const seen = new Set<number>();
  const rest = new Map<GroupName, RestingVlan>();
  for (const [group, resting] of known) {
    const { vlan } = resting;
    if (given.has(group) || used.has(vlan) || seen.has(vlan)) continue;
    seen.add(vlan);
    rest.set(group, resting);
  }
  return rest;
}

/** Gives the numbers of the pool one after the other, leaving out the sets; then those that only the last set holds. */
function freeNumbers(
  { from, to }: NumberChoice['pool'],
  [used, resting, atProfile]: readonly [ReadonlySet<number>, ReadonlySet<number>, ReadonlySet<number>],
): () => number | undefined {
  const numbers = (function* () {
    for (let vlan = from; vlan <= to; vlan += 1) {
      if (!used.has(vlan) && !resting.has(vlan) && !atProfile.has(vlan)) yield vlan;
    }
    for (const vlan of [...atProfile].sort((a, b) => a - b)) {
      if (vlan >= from && vlan <= to && !used.has(vlan) && !resting.has(vlan)) yield vlan;
    }
  })();
  return () => {
    const { value, done } = numbers.next();
    return done === true ? undefined : value;
  };
}

/** Takes out the number of the group that is gone longest, if that is long enough. */
function longestGone(rest: Map<GroupName, RestingVlan>, { now, restFor }: Allocation['time']): number | undefined {
  const [first] = rest;
  if (first === undefined || now - first[1].since < restFor) return undefined;
  rest.delete(first[0]);
  return first[1].vlan;
}

/**
 * When the next number of a space that has no other left can be given again, after the time of the allocation; undefined where
 * every space has some.
 */
export function nextRestedVlan({ spaces, time }: Allocation, { from, to }: NumberChoice['pool']): number | undefined {
  const times = [...spaces.values()].flatMap(({ bound, resting }) => {
    const isFull = bound.size + resting.size > to - from;
    return [...resting.values()].flatMap(({ since }) =>
      isFull && since + time.restFor > time.now ? [since + time.restFor] : [],
    );
  });
  return times.length === 0 ? undefined : Math.min(...times);
}
