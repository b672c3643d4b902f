import { type Lanes, lanesOf, SetHash } from '#model/naming';
import type { NodePermit } from '#model/node';
import type { GroupName, PolicyTables } from '#model/policy';
import { type HashedPermits, permitsOf } from './node-permits.js';

interface KnownPair {
  readonly source: GroupName;
  readonly destination: GroupName;
  readonly permits: readonly NodePermit[];
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
    this.#pairs.set(source, row.set(destination, { source, destination, permits, text, lanes: lanesOf(text) }));
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
    const found = new Set<KnownPair>();
    for (const group of groups) {
      for (const [source, destination] of this.of(group)) {
        const pair = this.#pairs.get(source)?.get(destination);
        if (pair !== undefined) found.add(pair);
      }
    }
    const sorted = [...found].sort((a, b) => compare(a.source, b.source) || compare(a.destination, b.destination));
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

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
