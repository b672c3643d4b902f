import type { StoredObject } from '../tree/index.js';
import { holdsRoot, reaches, type Subscription, wantsClass } from './subscription.js';

/** Subscriptions by the Dn or by the class that they start from. */
class Table {
  readonly #byDn = new Map<string, Set<Subscription>>();
  readonly #byClass = new Map<string, Set<Subscription>>();

  get isEmpty(): boolean {
    return this.#byDn.size + this.#byClass.size === 0;
  }

  add(subscription: Subscription): void {
    const [entries, keys] = this.#placesOf(subscription);
    for (const key of keys) {
      const known = entries.get(key);
      if (known === undefined) entries.set(key, new Set([subscription]));
      else known.add(subscription);
    }
  }

  remove(subscription: Subscription): void {
    const [entries, keys] = this.#placesOf(subscription);
    for (const key of keys) {
      const known = entries.get(key);
      known?.delete(subscription);
      if (known?.size === 0) entries.delete(key);
    }
  }

  /** Adds the subscriptions that start from the root and hold the object, which is so many steps below. */
  collect(found: Set<Subscription>, { object, root, steps }: Place): void {
    for (const subscriptions of [this.#byDn.get(root.dn), this.#byClass.get(root.className)]) {
      if (subscriptions === undefined) continue;
      for (const subscription of subscriptions) {
        const isInScope = reaches(subscription, steps) && holdsRoot(subscription, root);
        if (isInScope && wantsClass(subscription, object.className)) found.add(subscription);
      }
    }
  }

  #placesOf({ target }: Subscription): readonly [Map<string, Set<Subscription>>, Iterable<string>] {
    return target.kind === 'mo' ? [this.#byDn, [target.dn]] : [this.#byClass, target.classes];
  }
}

interface Place {
  readonly object: StoredObject;
  /** Where a subscription may start from: the object, or one so many steps above. */
  readonly root: StoredObject;
  readonly steps: number;
}

/**
 * Subscriptions by the Dn or the class that they start from, so that a change is matched by walking up its own
 * ancestors, however many subscriptions there are. Those that look at roots only stand apart from those that look below.
 */
export class SubscriptionIndex {
  readonly #roots = new Table();
  readonly #deep = new Table();

  add(subscription: Subscription): void {
    this.#tableOf(subscription).add(subscription);
  }

  remove(subscription: Subscription): void {
    this.#tableOf(subscription).remove(subscription);
  }

  /** Subscriptions whose scope and classes hold the object; filters are not asked here. */
  matching(object: StoredObject): ReadonlySet<Subscription> {
    const found = new Set<Subscription>();
    if (!this.#roots.isEmpty) this.#roots.collect(found, { object, root: object, steps: 0 });
    if (this.#deep.isEmpty) return found;
    let steps = 0;
    for (let root: StoredObject | undefined = object; root !== undefined; root = root.parent) {
      this.#deep.collect(found, { object, root, steps });
      steps += 1;
    }
    return found;
  }

  #tableOf(subscription: Subscription): Table {
    return subscription.scope === 'self' ? this.#roots : this.#deep;
  }
}
