import type { Clock } from '#ports';

interface Timer {
  readonly due: number;
  readonly stop: AbortController;
}

/** At most one timer a key; of two, the earlier stays. */
export class KeyTimers {
  readonly #clock: Clock;
  readonly #fire: (key: string) => void;
  readonly #timers = new Map<string, Timer>();

  constructor(clock: Clock, fire: (key: string) => void) {
    this.#clock = clock;
    this.#fire = fire;
  }

  /** Calls `fire` with the key after the time, unless it is due earlier already. */
  setEarliest(key: string, milliseconds: number): void {
    const due = this.#clock.uptime() + milliseconds;
    const known = this.#timers.get(key);
    if (known !== undefined && known.due <= due) return;
    known?.stop.abort();
    const timer = { due, stop: new AbortController() };
    this.#timers.set(key, timer);
    this.#clock.sleep(milliseconds, timer.stop.signal).then(
      () => this.#due(key, timer),
      () => undefined,
    );
  }

  cancel(key: string): void {
    this.#timers.get(key)?.stop.abort();
    this.#timers.delete(key);
  }

  has(key: string): boolean {
    return this.#timers.has(key);
  }

  keys(): readonly string[] {
    return [...this.#timers.keys()];
  }

  clear(): void {
    for (const key of this.keys()) this.cancel(key);
  }

  #due(key: string, timer: Timer): void {
    // A timer that was replaced or cancelled in the moment it fired is not the key's timer any more.
    if (this.#timers.get(key) !== timer) return;
    this.#timers.delete(key);
    this.#fire(key);
  }
}
