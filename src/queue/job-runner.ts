import { type Job, UnrecoverableError } from 'bullmq';
import { messageOf } from '#errors';
import type { Clock, Logger, WorkClass, WorkHandler } from '#ports';
import { atMost, deadLetterOf, nextMove, withSignals } from '#runtime';
import type { DeadStore } from './dead-store.js';

/** What decides on failed runs. */
export interface RunnerOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** Failures in a row after which a key is set aside. Without it, it is tried for ever. */
  readonly deadAfter?: number | undefined;
  /** Told of a key that this process set aside until it is added again, and why. */
  readonly onParked?: (key: string, error: unknown) => void;
  /** Told of an error after which the process must stop. */
  readonly onCrash?: (key: string, error: unknown) => void;
}

/** The queue around the runner. */
export interface RunnerQueue {
  readonly dead: DeadStore;
  readonly again: (key: string, milliseconds: number, priority: WorkClass) => Promise<void>;
  /** Whether the key was added while it ran. */
  readonly isWanted: (key: string) => Promise<boolean>;
  readonly countFailure: () => Promise<unknown>;
}

/** Tells BullMQ to run a job again after a time. */
export class RunAgain extends Error {
  readonly afterMs: number;

  constructor(cause: unknown, afterMs: number) {
    super(messageOf(cause), { cause });
    this.afterMs = Math.round(afterMs);
  }
}

/** Runs the handler for the jobs of BullMQ, and decides what becomes of a key whose run failed. */
export class JobRunner {
  readonly #handler: WorkHandler;
  readonly #options: RunnerOptions;
  readonly #queue: RunnerQueue;
  readonly #running = new Set<Promise<void>>();
  readonly #aborting = new AbortController();

  constructor(handler: WorkHandler, options: RunnerOptions, queue: RunnerQueue) {
    this.#handler = handler;
    this.#options = options;
    this.#queue = queue;
  }

  /** One run. Rejects with {@link RunAgain} when the key is to come back, and finally when it was set aside. */
  async run(job: Job, lock: AbortSignal): Promise<void> {
    const run = this.#runOnce(job, lock);
    this.#running.add(run);
    try {
      await run;
    } finally {
      this.#running.delete(run);
    }
  }

  /** Waits for the runs to end, aborts them after the time, and waits on. */
  async end(timeoutMs: number): Promise<void> {
    const ended = Promise.allSettled(this.#running);
    if (timeoutMs > 0) await atMost(ended, timeoutMs, this.#options.clock);
    this.#aborting.abort(new Error('the work queue is closing'));
    await ended;
  }

  async #runOnce(job: Job, lock: AbortSignal): Promise<void> {
    const { key } = job.data as { readonly key: string };
    const priority = job.priority > 0 ? 'inventory' : 'policy';
    const signals = [lock, this.#aborting.signal];
    try {
      // Only the letter of before: who was told how this run ended may have left another one meanwhile.
      const letter = await this.#queue.dead.get(key);
      const outcome = await withSignals(signals, (signal) => this.#handler(key, signal));
      if (letter !== undefined) await this.#queue.dead.removeIfSame(letter);
      if (outcome !== 'done') await this.#queue.again(key, outcome.againAfterMs, priority);
    } catch (error) {
      // The next process begins where this one was told to stop.
      if (signals.some(({ aborted }) => aborted)) throw new RunAgain(error, 0);
      await this.#failed(key, error, job.attemptsMade);
    }
  }

  async #failed(key: string, error: unknown, attempt: number): Promise<void> {
    const { log, random, deadAfter = Infinity, onParked, onCrash } = this.#options;
    await this.#queue.countFailure();
    const move = nextMove(error, attempt, random);
    if (move.kind === 'crash') {
      log.error({ key, error }, 'work failed in a way that must stop the process');
      // Set aside, or it would stop one process after another.
      await this.#putLetter(key, error, attempt + 1);
      onCrash?.(key, error);
      throw new UnrecoverableError(messageOf(error));
    }
    if (move.kind === 'park' || attempt + 1 >= deadAfter) {
      await this.#putLetter(key, error, attempt + 1);
      log.warn({ key, attempts: attempt + 1, error }, 'work was set aside until its input changes');
      onParked?.(key, error);
      throw new UnrecoverableError(messageOf(error));
    }
    const afterMs = (await this.#queue.isWanted(key)) ? 0 : move.afterMs;
    const fields = { key, attempt, error, retryInMs: Math.round(afterMs) };
    log[attempt === 0 ? 'warn' : 'debug'](fields, 'work failed and will be tried again');
    throw new RunAgain(error, afterMs);
  }

  async #putLetter(key: string, error: unknown, attempts: number): Promise<void> {
    await this.#queue.dead.put(deadLetterOf(key, error, attempts, this.#options.clock.now()));
  }
}
