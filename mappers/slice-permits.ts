import { type Lanes, lanesOf, SetHash } from '#model/naming';
import type { NodePermit } from '#model/node';
import type { GroupName, PolicyTables } from '#model/policy';
import { type HashedPermits, permitsOf } from './node-permits.js';

interface KnownPair {
  readonly permits: readonly NodePermit[];
  /** Sorts as source and destination do. */
  readonly key: string;
  readonly text: string;
  readonly lanes: Lanes;
}

/** The pairs that are exceptions, kept pair by pair, as permits for the nodes. */
export class SlicePermits {
  /** Pairs by source and destination. */
  readonly #pairs = new Map<GroupName, Map<GroupName, KnownPair>>();
  /** Sources that have a pair with the destination. */
  readonly #sources = new Map<GroupName, Set<GroupName>>();

  /** Takes in the pair as it is now; gives whether it says something else. */
  note(source: GroupName, destination: GroupName, pairOf: PolicyTables['pair']): boolean {
    const before = this.#pairs.get(source)?.get(destination);
    const pair = pairOf(source, destination);
    if (pair === undefined) {
      this.#remove(source, destination);
      return before !== undefined;
    }
    const permits = permitsOf(pair);
    const text = JSON.stringify(permits);
    if (before?.text === text) return false;
    const row = this.#pairs.get(source) ?? new Map<GroupName, KnownPair>();
    this.#pairs.set(
      source,
      row.set(destination, { permits, key: `${source}\0${destination}`, text, lanes: lanesOf(text) }),
    );
    this.#sources.set(destination, (this.#sources.get(destination) ?? new Set()).add(source));
    return true;
  }

  /** Pairs that the group is a side of. */
  of(group: GroupName): readonly (readonly [source: GroupName, destination: GroupName])[] {
    const from = [...(this.#pairs.get(group)?.keys() ?? [])].map((other) => [group, other] as const);
    const to = [...(this.#sources.get(group) ?? [])].map((other) => [other, group] as const);
    return [...from, ...to];
  }

  /** Permits with a side in one of the groups, in the order of sources and destinations. */
  with(groups: ReadonlySet<GroupName>): HashedPermits {
    const found: KnownPair[] = [];
    for (const group of groups) {
      for (const pair of this.#pairs.get(group)?.values() ?? []) found.push(pair);
      for (const source of this.#sources.get(group) ?? []) {
        // Where both sides are among the groups, the pair was found from its source, or will be.
        const pair = groups.has(source) ? undefined : this.#pairs.get(source)?.get(group);
        if (pair !== undefined) found.push(pair);
      }
    }
    const sorted = found.sort((a, b) => (a.key < b.key ? -1 : 1));
    const hash = new SetHash();
    for (const { lanes } of sorted) hash.addHashed(lanes);
    return { permits: sorted.flatMap(({ permits }) => permits), digest: hash.digits() };
  }

  #remove(source: GroupName, destination: GroupName): void {
    const [row, sources] = [this.#pairs.get(source), this.#sources.get(destination)];
    row?.delete(destination);
    sources?.delete(source);
    if (row?.size === 0) this.#pairs.delete(source);
    if (sources?.size === 0) this.#sources.delete(destination);
  }
}
