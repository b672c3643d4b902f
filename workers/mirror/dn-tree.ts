import { parentDn } from '#model/aci';

/**
 * What lies below what, so that an object is removed with all below it at the cost of what is removed, and not of a look
 * at everything: a tenant that is deleted comes as one event for each of its objects.
 */
export class DnTree {
  /** Children by parent. A parent need not have been added itself. */
  readonly #children = new Map<string, Set<string>>();

  /** Takes the Dn in. */
  add(dn: string): void {
    let child = dn;
    for (let parent = parentDn(child); parent !== undefined; parent = parentDn(child)) {
      const siblings = this.#children.get(parent);
      if (siblings === undefined) {
        this.#children.set(parent, new Set([child]));
        child = parent;
        continue;
      }
      // Who has siblings has parents that are known already, up to the root.
      siblings.add(child);
      return;
    }
  }

  /**
   * Forgets the Dn, unless something stands below it, and those above it that nothing keeps any more: `isKept` says of a
   * Dn whether it was added and is still there.
   */
  remove(dn: string, isKept: (dn: string) => boolean): void {
    let child = dn;
    while (!this.#children.has(child) && !isKept(child)) {
      const parent = parentDn(child);
      const siblings = parent === undefined ? undefined : this.#children.get(parent);
      if (parent === undefined || siblings === undefined) return;
      siblings.delete(child);
      if (siblings.size > 0) return;
      this.#children.delete(parent);
      child = parent;
    }
  }

  /** Dns below this one, deepest first; those that were never added and only stand between are among them. */
  below(dn: string): readonly string[] {
    const found: string[] = [];
    const visit = (parent: string): void => {
      for (const child of this.#children.get(parent) ?? []) {
        visit(child);
        found.push(child);
      }
    };
    visit(dn);
    return found;
  }
}
