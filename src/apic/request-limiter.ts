import type { ApicRequestCounts, Clock, Logger } from '#ports';
import { abortable } from '#runtime';
import { Pace } from './pace.js';

/** Kinds of requests as {@link ApicRequestCounts} counts them. */
export type RequestKind = keyof ApicRequestCounts;

/** What an attempt tells about the APIC's load; undefined when it tells nothing (no connection, aborted). */
export interface LoadSign {
  readonly overloaded: boolean;
  readonly retryAfterMs?: number | undefined;
}

/** What {@link RequestLimiter} needs. */
export interface RequestLimiterOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

/** An APIC's nginx serves few connections well; more of them make it slower, not faster. */
const MOST_AT_ONCE = 6;
/** Writes in a row after which a read that waits gets its turn: a listing must not wait for ever. */
const WRITES_BEFORE_A_READ = 8;

interface Waiting {
  readonly begin: () => void;
}

/**
 * Sends as much at once as the APIC takes ({@link Pace}); all requests of a client go through one limiter. Logins and
 * refreshes of tokens and subscriptions never wait, since what they keep alive cannot: they are few. Of the others,
 * writes come before reads.
 */
export class RequestLimiter {
  readonly #options: RequestLimiterOptions;
  readonly #pace: Pace;
  readonly #waiting = { writes: new Set<Waiting>(), reads: new Set<Waiting>() };
  #running = 0;
  #writesInARow = 0;
  #wake: AbortController | undefined;
  #isSlowed = false;
  #isClosed = false;

  constructor(options: RequestLimiterOptions) {
    this.#options = options;
    this.#pace = new Pace(MOST_AT_ONCE, options.random);
  }

  /** How many requests of those that wait may be in flight. */
  get atOnce(): number {
    return this.#pace.atOnce;
  }

  /** How many requests wait. */
  get waiting(): number {
    return this.#waiting.writes.size + this.#waiting.reads.size;
  }

  /**
   * Runs the attempt when its turn has come, and learns from how it went. `sign` reads that from what the attempt gave or
   * threw. Rejects with the attempt's error, or with the signal's reason while waiting.
   */
  async run<T>(
    kind: RequestKind,
    attempt: () => Promise<T>,
    sign: (outcome: { readonly value: T } | { readonly error: unknown }) => LoadSign | undefined,
    signal: AbortSignal,
  ): Promise<T> {
    const waits = kind === 'writes' || kind === 'reads';
    if (waits) await this.#turn(kind, signal);
    const startedAt = this.#options.clock.uptime();
    const learn = (outcome: Parameters<typeof sign>[0]): void => {
      if (waits) this.#running -= 1;
      const found = sign(outcome);
      // A login that is refused says how many logins the proxy takes, and nothing about the rest.
      if (found !== undefined && kind !== 'logins') this.#learn({ kind, startedAt, ...found });
      this.#begin();
    };
    try {
      const value = await attempt();
      learn({ value });
      return value;
    } catch (error) {
      learn({ error });
      throw error;
    }
  }

  /** Nothing that waits will begin any more. */
  close(): void {
    this.#isClosed = true;
    this.#cancelWake();
  }

  /** Resolves when the request may begin; it counts as running from then on. */
  async #turn(kind: 'writes' | 'reads', signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const queue = this.#waiting[kind];
    let entry: Waiting | undefined;
    const turn = new Promise<void>((resolve) => {
      entry = { begin: resolve };
      queue.add(entry);
    });
    this.#begin();
    try {
      await abortable(turn, signal);
    } catch (error) {
      // Aborted in the very moment of its turn: then it is counted already, and gives its place to the next.
      if (entry !== undefined && !queue.delete(entry)) {
        this.#running -= 1;
        this.#begin();
      }
      throw error;
    }
  }

  #begin(): void {
    // One look at the clock: with two, the pause could end between finding that it holds and seeing to its end.
    const now = this.#options.clock.uptime();
    while (this.#running < this.#pace.atOnce && now >= this.#pace.pausedUntil) {
      const next = this.#next();
      if (next === undefined) break;
      this.#running += 1;
      next.begin();
    }
    this.#wakeWhenThePauseEnds(now);
  }

  #next(): Waiting | undefined {
    const { writes, reads } = this.#waiting;
    const isReadsTurn = this.#writesInARow >= WRITES_BEFORE_A_READ && reads.size > 0;
    const queue = writes.size > 0 && !isReadsTurn ? writes : reads;
    const [first] = queue;
    if (first === undefined) return undefined;
    queue.delete(first);
    this.#writesInARow = queue === writes ? this.#writesInARow + 1 : 0;
    return first;
  }

  #wakeWhenThePauseEnds(now: number): void {
    const forMs = this.#pace.pausedUntil - now;
    if (this.waiting === 0 || forMs <= 0 || this.#isClosed) {
      this.#cancelWake();
      return;
    }
    if (this.#wake !== undefined) return;
    const wake = new AbortController();
    this.#wake = wake;
    const over = (): void => {
      if (this.#wake === wake) this.#wake = undefined;
      if (!wake.signal.aborted) this.#begin();
    };
    this.#options.clock.sleep(forMs, wake.signal).then(over, () => undefined);
  }

  #cancelWake(): void {
    this.#wake?.abort(new Error('there is nothing to wake up for'));
    this.#wake = undefined;
  }

  #learn(sample: { readonly kind: string; readonly startedAt: number } & LoadSign): void {
    const { clock, log } = this.#options;
    const now = clock.uptime();
    this.#pace.learn({ ...sample, endedAt: now });
    const { atOnce, pausedUntil, refused } = this.#pace;
    if (refused && !this.#isSlowed) {
      this.#isSlowed = true;
      log.warn(
        { atOnce, pauseMs: Math.max(0, Math.round(pausedUntil - now)) },
        'the APIC has too much to do; it is asked less',
      );
    } else if (this.#isSlowed && atOnce >= MOST_AT_ONCE) {
      this.#isSlowed = false;
      log.info({ atOnce }, 'the APIC takes everything again');
    }
  }
}
