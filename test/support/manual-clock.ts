import type { Clock } from '#ports';

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/** A clock that stands still until the test advances it. */
export class ManualClock implements Clock {
  #uptime = 1000;
  /** By how much the clock that people set is ahead of the one that nobody does. */
  #ahead = 999_000;
  #sleepers: Sleeper[] = [];

  now(): number {
    return this.#uptime + this.#ahead;
  }

  uptime(): number {
    return this.#uptime;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const sleeper = { due: this.#uptime + milliseconds, wake };
      const abort = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      if (signal?.aborted === true) return abort();
      signal?.addEventListener('abort', abort, { once: true });
      this.#sleepers.push(sleeper);
    });
  }

  /** Moves time forward, waking each sleeper at its own time and letting what follows from it happen. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#uptime + milliseconds;
    await settle();
    for (;;) {
      const next = this.#sleepers.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.#uptime = Math.max(this.#uptime, next.due);
      this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== next);
      next.wake();
      await settle();
    }
    this.#uptime = end;
  }

  /** Moves time forward, and wakes nobody: for those who only read the clock. */
  pass(milliseconds: number): void {
    this.#uptime += milliseconds;
  }

  /** Somebody sets the clock that people set: forward, or back where the number is negative. No time passes. */
  set(milliseconds: number): void {
    this.#ahead += milliseconds;
  }

  /** Times, from now, of those who sleep, the next one first. */
  get sleeping(): readonly number[] {
    return this.#sleepers.map(({ due }) => due - this.#uptime).sort((a, b) => a - b);
  }
}

/** Lets promises that are ready run to where they wait again. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
