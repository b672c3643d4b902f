import type { Clock } from '#ports';

/** Wakes a loop: any number of calls while it works is one more turn. */
export class Wake {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #due = false;
  #notify: (() => void) | undefined;

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
  }

  /** Makes the next or the current wait end. */
  call(): void {
    this.#due = true;
    this.#notify?.();
  }

  /** Resolves when called, at once when that was since the last wait; after the time at the latest; when aborted. */
  async wait(milliseconds: number): Promise<void> {
    if (!this.#due && !this.#signal.aborted) await this.#callOrTime(milliseconds);
    this.#due = false;
    this.#notify = undefined;
  }

  async #callOrTime(milliseconds: number): Promise<void> {
    const over = new AbortController();
    const called = new Promise<void>((resolve) => {
      this.#notify = resolve;
    });
    const either = AbortSignal.any([over.signal, this.#signal]);
    const time = this.#clock.sleep(milliseconds, either).catch(() => undefined);
    await Promise.race([called, time]);
    over.abort();
  }
}
