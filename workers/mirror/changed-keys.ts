/** Above this many it is cheaper to look at everything than to name what differs. */
const MOST = 20_000;

/** Remembers which objects differ from when it was last asked; at first everything does. */
export class ChangedKeys {
  #keys: Set<string> | undefined;

  /** Notes that the object of this key came, differs or went. */
  note(key: string): void {
    this.#keys?.add(key);
    if (this.#keys !== undefined && this.#keys.size > MOST) this.#keys = undefined;
  }

  /** What was noted since the last call; undefined stands for everything. */
  take(): ReadonlySet<string> | undefined {
    const taken = this.#keys;
    this.#keys = new Set();
    return taken;
  }
}
