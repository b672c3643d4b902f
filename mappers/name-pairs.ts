import type { GroupName } from '#model/policy';

/** Pairs of groups, whichever of the two comes first; a group with itself is a pair as well. */
export class NamePairs {
  readonly #pairs = new Map<GroupName, Set<GroupName>>();

  add(a: GroupName, b: GroupName): void {
    const [first, second] = a < b ? [a, b] : [b, a];
    const seconds = this.#pairs.get(first);
    if (seconds === undefined) this.#pairs.set(first, new Set([second]));
    else seconds.add(second);
  }

  /** Every pair once, the lesser name first. */
  *[Symbol.iterator](): Generator<readonly [GroupName, GroupName]> {
    for (const [first, seconds] of this.#pairs) for (const second of seconds) yield [first, second];
  }
}
