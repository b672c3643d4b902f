import type { SetHash } from '#model/naming';

/**
 * Entries of owners, in one sorted list and with a hash of all, kept owner by owner. A list that was given away stays as it is;
 * after changes the next one is merged from it, so that nothing is sorted anew but what came.
 */
export class SortedEntries<Entry extends object> {
  readonly #order: (a: Entry, b: Entry) => number;
  readonly #byOwner = new Map<string, readonly Entry[]>();
  readonly #hash: SetHash;
  readonly #gone = new Set<Entry>();
  readonly #come = new Set<Entry>();
  #list: readonly Entry[] = [];

  /** The hash is of the JSON texts of the entries; several lists may share one. */
  constructor(order: (a: Entry, b: Entry) => number, hash: SetHash) {
    this.#order = order;
    this.#hash = hash;
  }

  /** Sets what the owner has; gives whether that is something else than before. */
  set(owner: string, entries: readonly Entry[]): boolean {
    const before = this.#byOwner.get(owner) ?? [];
    if (JSON.stringify(before) === JSON.stringify(entries)) return false;
    for (const entry of before) {
      this.#hash.remove(JSON.stringify(entry));
      if (!this.#come.delete(entry)) this.#gone.add(entry);
    }
    for (const entry of entries) {
      this.#hash.add(JSON.stringify(entry));
      this.#come.add(entry);
    }
    if (entries.length === 0) this.#byOwner.delete(owner);
    else this.#byOwner.set(owner, entries);
    return true;
  }

  /** All entries, sorted; the same list as long as nothing changes. */
  get list(): readonly Entry[] {
    if (this.#gone.size + this.#come.size === 0) return this.#list;
    const kept = this.#list.filter((entry) => !this.#gone.has(entry));
    this.#list = mergeSorted(kept, [...this.#come].sort(this.#order), this.#order);
    this.#gone.clear();
    this.#come.clear();
    return this.#list;
  }
}

/** Two sorted lists in one; of equal entries those of the first come first. */
export function mergeSorted<Entry>(
  a: readonly Entry[],
  b: readonly Entry[],
  order: (a: Entry, b: Entry) => number,
): readonly Entry[] {
  const all: Entry[] = [];
  let at = 0;
  for (const entry of a) {
    for (let next = b[at]; next !== undefined && order(next, entry) < 0; at += 1, next = b[at]) all.push(next);
    all.push(entry);
  }
  return [...all, ...b.slice(at)];
}
