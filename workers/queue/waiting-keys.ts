import { WORK_CLASSES, type WorkClass } from '#ports';

type ByClass = ReadonlyMap<WorkClass, Set<string>>;

const noKeys = (): ByClass => new Map(WORK_CLASSES.map((name) => [name, new Set()]));

/**
 * Keys that wait for a free place: slow ones after all others, then the more urgent class first, within a class first come first
 * served.
 */
export class WaitingKeys {
  readonly #isSlow: (key: string) => boolean;
  readonly #quick = noKeys();
  readonly #slow = noKeys();

  /** @param isSlow whether a key may only be taken where it is said so */
  constructor(isSlow: (key: string) => boolean = () => false) {
    this.#isSlow = isSlow;
  }

  get size(): number {
    return this.#sets.reduce((sum, keys) => sum + keys.size, 0);
  }

  has(key: string): boolean {
    return this.#sets.some((keys) => keys.has(key));
  }

  /** Adds a key; one that waits already keeps its place. */
  add(key: string, priority: WorkClass): void {
    if (!this.has(key)) (this.#isSlow(key) ? this.#slow : this.#quick).get(priority)?.add(key);
  }

  /** Takes the next key out. */
  take(mayBeSlow = true): string | undefined {
    for (const keys of mayBeSlow ? this.#sets : this.#quick.values()) {
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
    return [...this.#quick.values(), ...this.#slow.values()];
  }
}
