import { parentDn } from '#model/aci';

/**
 * Which Dns are below which: what a map of objects cannot say without a look at all of it. Steps between two Dns that were
 * added are in it too. Adding, removing and asking cost as much as the Dns that they are about.
 */
export class DnTree {
  readonly #children = new Map<string, Set<string>>();

  /** Takes in a Dn with the steps that lead to it. */
  add(dn: string): void {
    for (let below = dn, above = parentDn(dn); above !== undefined; below = above, above = parentDn(above)) {
      const known = this.#children.get(above);
      if (known?.has(below) === true) return;
      if (known === undefined) this.#children.set(above, new Set([below]));
      else known.add(below);
    }
  }

  /** Takes a Dn out that has nothing below it, and the steps to it that have nothing left below them and are not kept. */
  remove(dn: string, isKept: (dn: string) => boolean): void {
    for (let below = dn, above = parentDn(dn); above !== undefined; below = above, above = parentDn(above)) {
      if (this.#children.has(below)) return;
      const siblings = this.#children.get(above);
      siblings?.delete(below);
      if (siblings?.size !== 0) return;
      this.#children.delete(above);
      if (isKept(above)) return;
    }
  }

  /** Every Dn below this one, parents first. What is added meanwhile may be in it or not. */
  *below(dn: string): Generator<string> {
    for (const child of this.#children.get(dn) ?? []) {
      yield child;
      yield* this.below(child);
    }
  }
}
