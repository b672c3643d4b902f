import type { Clock } from '#ports';

/** What {@link RelistTimer} needs. Times in milliseconds. */
export interface RelistTimerOptions {
  /** Between listings while nothing is in doubt. */
  readonly relistMs: number;
  /** From a listing to the first one because of a doubt; doubles with each that follows, up to `relistMs`. */
  readonly doubtMs: number;
  readonly clock: Clock;
  readonly random: () => number;
}

/**
 * Says when everything is listed anew: now and then, because losses are silent (apic-protocol.md §5.5 item 6), and soon
 * after an event that shows a loss. An APIC whose events always look like a loss is not listed for ever and ever: each
 * listing for that reason comes later than the one before.
 */
export class RelistTimer {
  readonly #options: RelistTimerOptions;
  #listedAt: number;
  #doubtMs: number;
  #isDoubted = false;
  #wake: (() => void) | undefined;

  constructor(options: RelistTimerOptions) {
    this.#options = options;
    this.#listedAt = options.clock.uptime();
    this.#doubtMs = options.doubtMs;
  }

  /** Asks for a listing soon; whether nobody had asked yet. */
  doubt(): boolean {
    if (this.#isDoubted) return false;
    this.#isDoubted = true;
    this.#wake?.();
    return true;
  }

  /** Resolves when it is time to list. Rejects with the signal's reason. */
  async due(signal: AbortSignal): Promise<void> {
    const { clock, relistMs, random } = this.#options;
    this.#listedAt = clock.uptime();
    // ±20 %, so that several gateways do not list together.
    await this.#sleepUntil(this.#listedAt + relistMs * (0.8 + 0.4 * random()), signal);
    if (!this.#isDoubted) {
      this.#doubtMs = this.#options.doubtMs;
      return;
    }
    await clock.sleep(Math.max(0, this.#listedAt + this.#doubtMs - clock.uptime()), signal);
    this.#doubtMs = Math.min(relistMs, this.#doubtMs * 2);
    this.#isDoubted = false;
  }

  /** Sleeps, or ends at once when there is a doubt. */
  async #sleepUntil(time: number, signal: AbortSignal): Promise<void> {
    if (this.#isDoubted) return;
    const awake = new AbortController();
    const abort = (): void => awake.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    this.#wake = () => awake.abort(new Error('there is a doubt'));
    try {
      if (signal.aborted) abort();
      await this.#options.clock.sleep(Math.max(0, time - this.#options.clock.uptime()), awake.signal);
    } catch (error) {
      if (signal.aborted) throw error;
    } finally {
      this.#wake = undefined;
      signal.removeEventListener('abort', abort);
    }
  }
}
