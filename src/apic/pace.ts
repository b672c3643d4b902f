import { backoffMs, LONGEST_OBEYED_MS } from '#runtime';

/** What one request found out about the APIC. Times are milliseconds of a clock that nobody sets. */
export interface PaceSample {
  /** Requests of one kind take comparable times. */
  readonly kind: string;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Refused or left unanswered because there was too much to do: 429, 503 and their like, or no answer in time. */
  readonly overloaded: boolean;
  /** How long the APIC asked to be left alone. */
  readonly retryAfterMs?: number | undefined;
}

/** Requests in flight when nothing is known yet. */
const FIRST = 4;
/** A pause without Retry-After: the first one, and the longest after many refusals in a row. */
const PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** Answers that take so many times what they usually do say that requests wait for one another at the APIC. */
const SLOW_FACTOR = 4;
/** Answers faster than this are never called slow. */
const SLOW_MS = 1000;
/** Share of the difference by which what is usual follows what is: a fabric that grew is not slow for ever. */
const USUAL_FOLLOWS = 0.02;
const RECENT_FOLLOWS = 0.3;
const CUT_OVERLOADED = 0.5;
const CUT_SLOW = 0.9;

/**
 * How much the APIC takes: the number of requests in flight grows by one for each round of good answers, and falls by
 * half when the APIC says that it is too much, by a tenth when answers become slow (additive increase, multiplicative
 * decrease, as TCP does: RFC 5681 §3.1). Refusals are followed by a pause, as long as the APIC asks or longer each time.
 */
export class Pace {
  readonly #most: number;
  readonly #random: () => number;
  readonly #latency = new Map<string, { usual: number; recent: number }>();
  #window: number;
  #pausedUntil = 0;
  #lastCutAt = Number.NEGATIVE_INFINITY;
  #refusalsInARow = 0;

  /** @param most requests in flight at most, however well the APIC does. */
  constructor(most: number, random: () => number) {
    this.#most = most;
    this.#random = random;
    this.#window = Math.min(FIRST, most);
  }

  /** How many requests may be in flight now, at least one. */
  get atOnce(): number {
    return Math.floor(this.#window);
  }

  /** No request should begin before this time. */
  get pausedUntil(): number {
    return this.#pausedUntil;
  }

  /** Whether the APIC refused the last request that told anything. */
  get refused(): boolean {
    return this.#refusalsInARow > 0;
  }

  /** Takes into account how a request went. */
  learn(sample: PaceSample): void {
    if (sample.overloaded) this.#refusal(sample);
    else this.#answer(sample);
  }

  #refusal({ startedAt, endedAt, retryAfterMs }: PaceSample): void {
    // Requests that were under way together fail together: one refusal, not many.
    if (startedAt > this.#lastCutAt) {
      this.#cut(CUT_OVERLOADED, endedAt);
      this.#refusalsInARow += 1;
      this.#pauseUntil(endedAt + backoffMs(this.#refusalsInARow - 1, this.#random, PAUSE_MS, LONGEST_PAUSE_MS));
    }
    if (retryAfterMs !== undefined) this.#pauseUntil(endedAt + Math.min(retryAfterMs, LONGEST_OBEYED_MS));
  }

  #answer({ kind, startedAt, endedAt }: PaceSample): void {
    // An answer to what began before a refusal says nothing about the time after it.
    if (startedAt <= this.#lastCutAt) return;
    this.#refusalsInARow = 0;
    if (this.#isSlow(kind, endedAt - startedAt)) this.#cut(CUT_SLOW, endedAt);
    else this.#window = Math.min(this.#most, this.#window + 1 / this.#window);
  }

  #isSlow(kind: string, took: number): boolean {
    const { usual, recent } = this.#latency.get(kind) ?? { usual: took, recent: took };
    const next = {
      usual: Math.min(took, usual + (took - usual) * USUAL_FOLLOWS),
      recent: recent + (took - recent) * RECENT_FOLLOWS,
    };
    this.#latency.set(kind, next);
    return next.recent > SLOW_MS && next.recent > next.usual * SLOW_FACTOR;
  }

  #cut(share: number, now: number): void {
    this.#window = Math.max(1, this.#window * share);
    this.#lastCutAt = now;
  }

  #pauseUntil(time: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, time);
  }
}
