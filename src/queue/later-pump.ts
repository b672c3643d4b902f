import type { Clock } from '#ports';
import type { DueKey, LaterKeys } from './later-keys.js';

/** Longest wait between two looks: other processes add keys too. */
const LOOK_AGAIN_MS = 1_000;

/** Adds keys when they are due. Several processes may do so at the same time. */
export class LaterPump {
  readonly #later: LaterKeys;
  readonly #add: (due: DueKey) => Promise<void>;
  readonly #clock: Clock;
  readonly #stopped = new AbortController();
  #nap = new AbortController();

  constructor(later: LaterKeys, add: (due: DueKey) => Promise<void>, clock: Clock) {
    this.#later = later;
    this.#add = add;
    this.#clock = clock;
  }

  start(): void {
    void this.#run();
  }

  /** Looks at once: something new may be due soon. */
  wake(): void {
    this.#nap.abort(new Error('something new'));
  }

  stop(): void {
    this.#stopped.abort(new Error('the work queue is closing'));
    this.wake();
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      this.#nap = new AbortController();
      const pause = await this.#round();
      if (!this.#stopped.signal.aborted) await this.#clock.sleep(pause, this.#nap.signal).catch(() => undefined);
    }
  }

  /** Adds what is due; gives the time to the next look. What failed stays where it is found again. */
  async #round(): Promise<number> {
    try {
      const { due, nextInMs = LOOK_AGAIN_MS } = await this.#later.take();
      for (const key of due) {
        await this.#add(key);
        await this.#later.settled(key.member);
      }
      return due.length > 0 ? 0 : Math.min(nextInMs, LOOK_AGAIN_MS);
    } catch {
      return LOOK_AGAIN_MS;
    }
  }
}
