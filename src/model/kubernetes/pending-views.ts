import { sameData } from './same-data.js';

/** Which views changed since somebody asked last, and what they were then: what went and came back is no change. */
export class PendingViews<View> {
  readonly #before = new Map<string, View | undefined>();

  /** Notes a view that is about to change; undefined stands for none. */
  note(key: string, before: View | undefined): void {
    if (!this.#before.has(key)) this.#before.set(key, before);
  }

  /** What differs from the last time, in the order of the keys; undefined where nothing does. */
  take(now: (key: string) => View | undefined): ReadonlyMap<string, View | undefined> | undefined {
    const changed = new Map<string, View | undefined>();
    for (const key of [...this.#before.keys()].sort()) {
      const view = now(key);
      if (!sameData(this.#before.get(key), view)) changed.set(key, view);
    }
    this.#before.clear();
    return changed.size === 0 ? undefined : changed;
  }
}
