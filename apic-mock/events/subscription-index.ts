import { ancestorsOf, type StoredObject } from '../tree/index.js';
import { holdsRoot, reaches, type Subscription, wantsClass } from './subscription.js';

type Table = Map<string, Set<Subscription>>;

/**
 * Subscriptions by the Dn or the class that they start from, so that a change is matched by walking up its own
 * ancestors, however many subscriptions there are. Those that look at roots only stand apart from those that look below.
 */
export class SubscriptionIndex {
  readonly #roots: Table = new Map();
  readonly #deep: Table = new Map();

  add(subscription: Subscription): void {
    const table = this.#tableOf(subscription);
    for (const key of keysOf(subscription)) {
      const entries = table.get(key);
      if (entries === undefined) table.set(key, new Set([subscription]));
      else entries.add(subscription);
    }
  }

  remove(subscription: Subscription): void {
    const table = this.#tableOf(subscription);
    for (const key of keysOf(subscription)) {
      const entries = table.get(key);
      entries?.delete(subscription);
      if (entries?.size === 0) table.delete(key);
    }
  }

  /** Subscriptions whose scope and classes hold the object; filters are not asked here. */
  matching(object: StoredObject): ReadonlySet<Subscription> {
    const found = new Set<Subscription>();
    collect(found, this.#roots, { object, root: object, steps: 0 });
    collect(found, this.#deep, { object, root: object, steps: 0 });
    let steps = 0;
    for (const root of ancestorsOf(object)) {
      steps += 1;
      collect(found, this.#deep, { object, root, steps });
    }
    return found;
  }

  #tableOf(subscription: Subscription): Table {
    return subscription.scope === 'self' ? this.#roots : this.#deep;
  }
}

function keysOf(subscription: Subscription): readonly string[] {
  const { target } = subscription;
  return target.kind === 'mo' ? [`dn ${target.dn}`] : [...target.classes].map((name) => `class ${name}`);
}

interface Place {
  readonly object: StoredObject;
  /** Where a subscription may start from: the object, or one so many steps above. */
  readonly root: StoredObject;
  readonly steps: number;
}

/** Adds the subscriptions of the table that start from the root and hold the object. */
function collect(found: Set<Subscription>, table: Table, { object, root, steps }: Place): void {
  if (table.size === 0) return;
  for (const subscriptions of [table.get(`dn ${root.dn}`), table.get(`class ${root.className}`)]) {
    for (const subscription of subscriptions ?? NONE) {
      const isInScope = reaches(subscription, steps) && holdsRoot(subscription, root);
      if (isInScope && wantsClass(subscription, object.className)) found.add(subscription);
    }
  }
}

const NONE: ReadonlySet<Subscription> = new Set();
