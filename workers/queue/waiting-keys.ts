import { WORK_CLASSES, type WorkClass } from '#ports';

/** Keys that wait for a free place: the more urgent class first, within a class first come first served. */
export class WaitingKeys {
  readonly #byClass: ReadonlyMap<WorkClass, Set<string>> = new Map(WORK_CLASSES.map((name) => [name, new Set()]));

  get size(): number {
    return this.#sets.reduce((sum, keys) => sum + keys.size, 0);
  }

  has(key: string): boolean {
    return this.#sets.some((keys) => keys.has(key));
  }

  /** Adds a key; one that waits already keeps its place. */
  add(key: string, priority: WorkClass): void {
    if (!this.has(key)) this.#byClass.get(priority)?.add(key);
  }

  /** Takes the next key out. */
  take(): string | undefined {
    for (const keys of this.#sets) {
      for (const key of keys) {
        keys.delete(key);
        return key;
      }
    }
    return undefined;
  }

  clear(): void {
    for (const keys of this.#sets) keys.clear();
  }

  get #sets(): readonly Set<string>[] {
    return [...this.#byClass.values()];
  }
}
