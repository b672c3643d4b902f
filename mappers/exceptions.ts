import type { GroupName, Pair } from '#model/policy';

/** The pairs that are exceptions from what both sides grant everyone, by source and by destination. */
export class Exceptions {
  readonly #rows = new Map<GroupName, Map<GroupName, Pair>>();
  readonly #columns = new Map<GroupName, Set<GroupName>>();

  get(source: GroupName, destination: GroupName): Pair | undefined {
    return this.#rows.get(source)?.get(destination);
  }

  /** Sets or, by undefined, takes out the pair. */
  set(source: GroupName, destination: GroupName, pair: Pair | undefined): void {
    if (pair === undefined) {
      this.#rows.get(source)?.delete(destination);
      this.#columns.get(destination)?.delete(source);
      return;
    }
    const row = this.#rows.get(source);
    if (row === undefined) this.#rows.set(source, new Map([[destination, pair]]));
    else row.set(destination, pair);
    const column = this.#columns.get(destination);
    if (column === undefined) this.#columns.set(destination, new Set([source]));
    else column.add(source);
  }

  /** Takes out all pairs of a group. */
  delete(group: GroupName): void {
    for (const destination of this.destinationsOf(group)) this.#columns.get(destination)?.delete(group);
    for (const source of this.sourcesOf(group)) this.#rows.get(source)?.delete(group);
    this.#rows.delete(group);
    this.#columns.delete(group);
  }

  /** Destinations of the group's exceptions. */
  destinationsOf(source: GroupName): Iterable<GroupName> {
    return this.#rows.get(source)?.keys() ?? [];
  }

  /** Sources of exceptions toward the group. */
  sourcesOf(destination: GroupName): Iterable<GroupName> {
    return this.#columns.get(destination) ?? [];
  }

  /** Every exception, as source and destination. */
  *pairs(): Generator<readonly [GroupName, GroupName]> {
    for (const [source, row] of this.#rows) for (const destination of row.keys()) yield [source, destination];
  }
}
