import { messageOf } from '#errors';
import type { Clock, Logger, WorkHandler, WorkOutcome, WorkQueue } from '#ports';
import { nextMove } from '#runtime';
import { KeyTimers } from './key-timers.js';

/** What {@link inProcessQueue} needs. */
export interface InProcessQueueOptions {
  /** Keys that may run at the same time. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** Told of a key that is set aside until it is added again, and why. */
  readonly onParked?: (key: string, error: unknown) => void;
  /** Told of an error after which the process must stop; without it the error is thrown out of the event loop. */
  readonly onCrash?: (key: string, error: unknown) => void;
}

/**
 * A {@link WorkQueue} in this process, with the semantics of client-go's workqueue: a key is waiting at most once, runs
 * at most once at a time, and a key that is added while it runs is run once more afterwards. After `close`, additions
 * are ignored, as client-go does when shutting down.
 */
export const inProcessQueue = (options: InProcessQueueOptions): WorkQueue => new InProcessQueue(options);

class InProcessQueue implements WorkQueue {
  readonly #options: InProcessQueueOptions;
  /** Keys that wait for a free place, first come first served. */
  readonly #waiting = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  /** Keys that were added while they ran. */
  readonly #dirty = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #retries: KeyTimers;
  readonly #later: KeyTimers;
  readonly #closing = new AbortController();
  #handler: WorkHandler | undefined;

  constructor(options: InProcessQueueOptions) {
    this.#options = options;
    this.#retries = new KeyTimers(options.clock, (key) => this.#enqueue(key));
    this.#later = new KeyTimers(options.clock, (key) => this.#enqueue(key));
  }

  add(key: string): Promise<void> {
    this.#enqueue(key);
    return Promise.resolve();
  }

  addAfter(key: string, milliseconds: number): Promise<void> {
    if (milliseconds <= 0) this.#enqueue(key);
    else if (!this.#closing.signal.aborted) this.#later.setEarliest(key, milliseconds);
    return Promise.resolve();
  }

  start(handler: WorkHandler): void {
    if (this.#handler !== undefined) throw new Error('the work queue was started already');
    this.#handler = handler;
    this.#fillPlaces();
  }

  depth(): Promise<number> {
    return Promise.resolve(new Set([...this.#waiting, ...this.#running.keys(), ...this.#retries.keys()]).size);
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the work queue is closing'));
    this.#waiting.clear();
    this.#dirty.clear();
    this.#retries.clear();
    this.#later.clear();
    await Promise.all(this.#running.values());
  }

  #enqueue(key: string): void {
    if (this.#closing.signal.aborted) return;
    this.#retries.cancel(key);
    if (this.#running.has(key)) this.#dirty.add(key);
    else this.#waiting.add(key);
    this.#fillPlaces();
  }

  #fillPlaces(): void {
    const handler = this.#handler;
    if (handler === undefined) return;
    for (const key of this.#waiting) {
      if (this.#running.size >= this.#options.concurrency) return;
      this.#waiting.delete(key);
      this.#running.set(key, this.#run(handler, key));
    }
  }

  /** One run of a key. Begins in a later microtask, so that its place in `#running` is taken before it can end. */
  async #run(handler: WorkHandler, key: string): Promise<void> {
    await Promise.resolve();
    try {
      this.#succeeded(key, await handler(key, this.#closing.signal));
    } catch (error) {
      this.#failed(key, error);
    } finally {
      this.#running.delete(key);
      if (this.#dirty.delete(key)) this.#enqueue(key);
      this.#fillPlaces();
    }
  }

  #succeeded(key: string, outcome: WorkOutcome): void {
    this.#failures.delete(key);
    if (outcome !== 'done' && !this.#closing.signal.aborted) this.#later.setEarliest(key, outcome.againAfterMs);
  }

  #failed(key: string, error: unknown): void {
    if (this.#closing.signal.aborted) return;
    const { log, random, onParked } = this.#options;
    const attempt = this.#failures.get(key) ?? 0;
    const move = nextMove(error, attempt, random);
    if (move.kind === 'crash') return this.#crash(key, error);
    if (move.kind === 'park') {
      this.#failures.delete(key);
      log.warn({ key, error }, 'work was set aside until its input changes');
      onParked?.(key, error);
      return;
    }
    this.#failures.set(key, attempt + 1);
    const fields = { key, attempt, error, retryInMs: Math.round(move.afterMs) };
    log[attempt === 0 ? 'warn' : 'debug'](fields, 'work failed and will be tried again');
    this.#retries.setEarliest(key, move.afterMs);
  }

  #crash(key: string, error: unknown): void {
    this.#options.log.error({ key, error }, 'work failed in a way that must stop the process');
    if (this.#options.onCrash !== undefined) return this.#options.onCrash(key, error);
    queueMicrotask(() => {
      throw error instanceof Error ? error : new Error(messageOf(error));
    });
  }
}
