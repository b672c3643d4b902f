import { messageOf } from '#errors';
import type {
  AddOptions,
  Clock,
  DeadLetter,
  Logger,
  WorkClass,
  WorkCounts,
  WorkHandler,
  WorkOutcome,
  WorkQueue,
} from '#ports';
import { atMost, byAge, deadLetterOf, nextMove } from '#runtime';
import { KeyTimers } from './key-timers.js';
import { WaitingKeys } from './waiting-keys.js';

/** What {@link inProcessQueue} needs. */
export interface InProcessQueueOptions {
  /** Keys that may run at the same time. */
  readonly concurrency: number;
  /** Keys whose runs may take long, and how many of them may run at the same time: the other places are for the rest. */
  readonly slow?: { readonly isSlow: (key: string) => boolean; readonly places: number };
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** Failures in a row after which a key is set aside. Without it, it is tried for ever. */
  readonly deadAfter?: number;
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
  readonly #waiting: WaitingKeys;
  readonly #running = new Map<string, Promise<void>>();
  /** Keys that were added while they ran. */
  readonly #dirty = new Set<string>();
  /** Class of each key that is waiting, running, or comes later; `policy` is not noted. */
  readonly #classes = new Map<string, WorkClass>();
  readonly #failures = new Map<string, number>();
  readonly #dead = new Map<string, DeadLetter>();
  readonly #retries: KeyTimers;
  readonly #later: KeyTimers;
  readonly #aborting = new AbortController();
  readonly #runs = { done: 0, failed: 0 };
  #isClosing = false;
  #handler: WorkHandler | undefined;

  constructor(options: InProcessQueueOptions) {
    this.#options = options;
    this.#waiting = new WaitingKeys(options.slow?.isSlow);
    this.#retries = new KeyTimers(options.clock, (key) => this.#enqueue(key));
    this.#later = new KeyTimers(options.clock, (key) => this.#enqueue(key));
  }

  add(key: string, { priority }: AddOptions = {}): Promise<void> {
    this.#note(key, priority);
    this.#enqueue(key);
    return Promise.resolve();
  }

  addAfter(key: string, milliseconds: number, options: AddOptions = {}): Promise<void> {
    if (milliseconds <= 0) return this.add(key, options);
    if (!this.#isClosing) {
      this.#note(key, options.priority);
      this.#later.setEarliest(key, milliseconds);
    }
    return Promise.resolve();
  }

  start(handler: WorkHandler): void {
    if (this.#handler !== undefined) throw new Error('the work queue was started already');
    this.#handler = handler;
    this.#fillPlaces();
  }

  depth(): Promise<number> {
    return Promise.resolve(this.#waiting.size + new Set([...this.#running.keys(), ...this.#retries.keys()]).size);
  }

  counts(): Promise<WorkCounts> {
    const isElsewhere = (key: string): boolean => this.#running.has(key) || this.#waiting.has(key);
    const later = new Set([...this.#retries.keys(), ...this.#later.keys()]);
    return Promise.resolve({
      running: this.#running.size,
      waiting: this.#waiting.size,
      delayed: [...later].filter((key) => !isElsewhere(key)).length,
      dead: this.#dead.size,
      ...this.#runs,
    });
  }

  deadLetters(): Promise<readonly DeadLetter[]> {
    return Promise.resolve([...this.#dead.values()].sort(byAge));
  }

  async retryDead(key?: string): Promise<number> {
    const keys = [...this.#dead.keys()].filter((dead) => key === undefined || dead === key);
    for (const dead of keys) {
      this.#dead.delete(dead);
      await this.add(dead);
    }
    return keys.length;
  }

  setAside(letter: DeadLetter): Promise<void> {
    this.#dead.set(letter.key, letter);
    return Promise.resolve();
  }

  forgetDead(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#dead.delete(key);
    return Promise.resolve();
  }

  async drain(timeoutMs: number): Promise<void> {
    this.#isClosing = true;
    this.#waiting.clear();
    this.#dirty.clear();
    this.#retries.clear();
    this.#later.clear();
    const ended = Promise.all(this.#running.values());
    if (timeoutMs > 0 && this.#running.size > 0) await atMost(ended, timeoutMs, this.#options.clock);
    this.#aborting.abort(new Error('the work queue is closing'));
    await ended;
  }

  close(): Promise<void> {
    return this.drain(0);
  }

  /** The first of several additions decides on the class. */
  #note(key: string, priority: WorkClass | undefined): void {
    if (priority === undefined || priority === 'policy' || this.#classes.has(key)) return;
    if (!this.#waiting.has(key) && !this.#isClosing) this.#classes.set(key, priority);
  }

  #enqueue(key: string): void {
    if (this.#isClosing) return;
    this.#retries.cancel(key);
    if (this.#running.has(key)) this.#dirty.add(key);
    else this.#waiting.add(key, this.#classes.get(key) ?? 'policy');
    this.#fillPlaces();
  }

  #fillPlaces(): void {
    const handler = this.#handler;
    if (handler === undefined) return;
    while (this.#running.size < this.#options.concurrency) {
      const key = this.#waiting.take(this.#hasPlaceForSlow);
      if (key === undefined) return;
      this.#running.set(key, this.#run(handler, key));
    }
  }

  get #hasPlaceForSlow(): boolean {
    const { slow } = this.#options;
    return slow === undefined || [...this.#running.keys()].filter(slow.isSlow).length < slow.places;
  }

  /** One run of a key. Begins in a later microtask, so that its place in `#running` is taken before it can end. */
  async #run(handler: WorkHandler, key: string): Promise<void> {
    await Promise.resolve();
    try {
      const letter = this.#dead.get(key);
      const outcome = await handler(key, this.#aborting.signal);
      // Only the letter of before: who was told how this run ended may have left another one meanwhile.
      if (this.#dead.get(key) === letter) this.#dead.delete(key);
      this.#succeeded(key, outcome);
    } catch (error) {
      this.#failed(key, error);
    } finally {
      this.#running.delete(key);
      if (this.#dirty.delete(key)) this.#enqueue(key);
      else if (!this.#retries.has(key) && !this.#later.has(key)) this.#classes.delete(key);
      this.#fillPlaces();
    }
  }

  #succeeded(key: string, outcome: WorkOutcome): void {
    this.#runs.done += 1;
    this.#failures.delete(key);
    if (outcome !== 'done' && !this.#isClosing) this.#later.setEarliest(key, outcome.againAfterMs);
  }

  #failed(key: string, error: unknown): void {
    if (this.#aborting.signal.aborted) return;
    this.#runs.failed += 1;
    const { log, random, deadAfter = Infinity } = this.#options;
    const attempt = this.#failures.get(key) ?? 0;
    const move = nextMove(error, attempt, random);
    if (move.kind === 'crash') return this.#crash(key, error);
    if (move.kind === 'park' || attempt + 1 >= deadAfter) return this.#setAside(key, error, attempt + 1);
    this.#failures.set(key, attempt + 1);
    const fields = { key, attempt, error, retryInMs: Math.round(move.afterMs) };
    log[attempt === 0 ? 'warn' : 'debug'](fields, 'work failed and will be tried again');
    if (!this.#isClosing) this.#retries.setEarliest(key, move.afterMs);
  }

  #setAside(key: string, error: unknown, attempts: number): void {
    const { log, clock, onParked } = this.#options;
    this.#failures.delete(key);
    this.#dead.set(key, deadLetterOf(key, error, attempts, clock.now()));
    log.warn({ key, attempts, error }, 'work was set aside until its input changes');
    onParked?.(key, error);
  }

  #crash(key: string, error: unknown): void {
    this.#options.log.error({ key, error }, 'work failed in a way that must stop the process');
    if (this.#options.onCrash !== undefined) return this.#options.onCrash(key, error);
    queueMicrotask(() => {
      throw error instanceof Error ? error : new Error(messageOf(error));
    });
  }
}
