import type { GroupName } from '#model/policy';
import type { LeafPlace } from './places.js';

/**
 * Entries of the policy memory, leaf by leaf. A leaf holds a rule when a side of it is bound there, or when it is about
 * everyone (policy.md A6).
 */
export class LeafEntries {
  readonly #homes = new Map<GroupName, Set<number>>();
  readonly #held: number[];
  #everywhere = 0;

  constructor(leaves: readonly LeafPlace[]) {
    this.#held = leaves.map(() => 0);
    for (const [index, { groups }] of leaves.entries()) {
      for (const group of groups) {
        const known = this.#homes.get(group);
        if (known === undefined) this.#homes.set(group, new Set([index]));
        else known.add(index);
      }
    }
  }

  /** Entries on the leaf that holds most. */
  get most(): number {
    return this.#everywhere + this.#held.reduce((most, held) => Math.max(most, held), 0);
  }

  /** Rules about everyone. */
  addEverywhere(entries: number): void {
    this.#everywhere += entries;
  }

  /** Rules of the group with itself. */
  addInside(group: GroupName, entries: number): void {
    for (const leaf of this.#homesOf(group)) this.#add(leaf, entries);
  }

  /** Rules of the anchor with each of the others. */
  addStar(anchor: GroupName, others: ReadonlySet<GroupName>, entries: number): void {
    const own = this.#homesOf(anchor);
    for (const leaf of own) this.#add(leaf, entries * others.size);
    for (const other of others) {
      for (const leaf of this.#homesOf(other)) if (!own.has(leaf)) this.#add(leaf, entries);
    }
  }

  #add(leaf: number, entries: number): void {
    this.#held[leaf] = (this.#held[leaf] ?? 0) + entries;
  }

  #homesOf(group: GroupName): ReadonlySet<number> {
    return this.#homes.get(group) ?? NOWHERE;
  }
}

const NOWHERE: ReadonlySet<number> = new Set();
