import { type Job, Queue, type QueueOptions, Worker } from 'bullmq';
import type { AddOptions, DeadLetter, WorkCounts, WorkHandler, WorkQueue } from '#ports';
import { atMost } from '#runtime';
import { DeadStore } from './dead-store.js';
import { JobRunner, RunAgain, type RunnerOptions } from './job-runner.js';
import { LaterKeys } from './later-keys.js';
import { LaterPump } from './later-pump.js';
import { RedisLink, type RedisPlace } from './redis-link.js';

/** What {@link redisQueue} needs. */
export interface RedisQueueOptions extends RunnerOptions {
  readonly redis: RedisPlace;
  /** Begins the names of all keys in Redis; with braces, so that a Redis cluster keeps them together. */
  readonly prefix: string;
  /** Keys that this process may run at the same time. */
  readonly concurrency: number;
  /** Milliseconds after which the work of a process that was killed is taken over, at the latest after two and a half times that. */
  readonly takeoverMs: number;
  /** Told when Redis cannot be reached, in words, and with `undefined` when it can be again. */
  readonly onTrouble?: (reason: string | undefined) => void;
}

/** Name of the one queue below the prefix. */
const NAME = 'work';
/** BullMQ counts runs of its own accord; so many minutes of it are kept beside the sum. */
const METRIC_POINTS = 1;
/** No key is ever given up by BullMQ itself: {@link JobRunner} decides. */
const WITHOUT_END = 1_000_000;
/** Pause after an error before BullMQ fetches again; its own of 15 s would idle after each restart of Redis. */
const FETCH_AGAIN_MS = 500;
/** How long a worker may take to say goodbye to Redis when nothing runs any more. */
const GOODBYE_MS = 2_000;

/**
 * A {@link WorkQueue} on Redis (6.2 or newer) by BullMQ, shared by all processes with the same prefix. One job a key, by
 * BullMQ's deduplication as measured to lose no wake-up: `keepLastIfActive` (an addition while the key runs makes one more
 * run) and `replace` (an addition overtakes the wait for a retry, and begins the count of failures anew). Calls reject with
 * QueueUnreachableError after seconds while Redis is away. What was lost with an emptied Redis its callers add again.
 */
export const redisQueue = (options: RedisQueueOptions): WorkQueue => new RedisQueue(options);

class RedisQueue implements WorkQueue {
  readonly #options: RedisQueueOptions;
  readonly #link: RedisLink;
  readonly #queue: Queue;
  readonly #later: LaterKeys;
  readonly #dead: DeadStore;
  readonly #pump: LaterPump;
  readonly #failedRuns: string;
  #working: { readonly worker: Worker; readonly link: RedisLink; readonly runner: JobRunner } | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: RedisQueueOptions) {
    this.#options = options;
    const { redis, prefix, log, onTrouble } = options;
    this.#link = new RedisLink(redis, log, onTrouble);
    this.#queue = new Queue(NAME, { ...queueOptions(this.#link, prefix), streams: { events: { maxLen: 100 } } });
    this.#queue.on('error', ignore);
    this.#later = new LaterKeys(this.#link, `${prefix}:later`);
    this.#dead = new DeadStore(this.#link, `${prefix}:dead`);
    this.#failedRuns = `${prefix}:failed-runs`;
    this.#pump = new LaterPump(this.#later, ({ key, priority }) => this.add(key, { priority }), options.clock);
  }

  async add(key: string, { priority = 'policy' }: AddOptions = {}): Promise<void> {
    if (this.#closing !== undefined) return;
    const deduplication = { id: key, keepLastIfActive: true, replace: true };
    // BullMQ takes what has no priority before what has one, and has a quicker way for it.
    const urgency = priority === 'policy' ? {} : { priority: 1 };
    await this.#link.call(() => this.#queue.add(NAME, { key }, { ...JOB, ...urgency, deduplication }));
  }

  async addAfter(key: string, milliseconds: number, options: AddOptions = {}): Promise<void> {
    if (milliseconds <= 0) return this.add(key, options);
    if (this.#closing !== undefined) return;
    await this.#later.put(key, milliseconds, options.priority ?? 'policy');
    this.#pump.wake();
  }

  start(handler: WorkHandler): void {
    if (this.#working !== undefined) throw new Error('the work queue was started already');
    const { redis, log, prefix, concurrency, takeoverMs } = this.#options;
    const link = new RedisLink(redis, log);
    const runner = new JobRunner(handler, this.#options, {
      dead: this.#dead,
      again: (key, milliseconds, priority) => this.addAfter(key, milliseconds, { priority }),
      isWanted: (key) => this.#isWanted(key),
      countFailure: () => this.#link.call(() => this.#link.client.incr(this.#failedRuns)),
    });
    const worker = new Worker(NAME, (job: Job, _token, signal) => runner.run(job, signal as AbortSignal), {
      ...queueOptions(link, prefix),
      concurrency,
      lockDuration: takeoverMs,
      stalledInterval: takeoverMs,
      maxStalledCount: WITHOUT_END,
      runRetryDelay: FETCH_AGAIN_MS,
      metrics: { maxDataPoints: METRIC_POINTS },
      settings: {
        backoffStrategy: (_attempts, _type, error) => (error instanceof RunAgain ? error.afterMs : takeoverMs),
      },
    });
    worker.on('error', (error) => log.debug({ error }, 'the work queue met an error and goes on'));
    // Somebody else may work on these by now.
    worker.on('lockRenewalFailed', (ids) => {
      for (const id of ids) worker.cancelJob(id, 'the lock on the key is lost');
    });
    this.#working = { worker, link, runner };
    this.#pump.start();
  }

  async depth(): Promise<number> {
    const { waiting, running, retries } = await this.#jobs();
    return waiting + running + retries;
  }

  async counts(): Promise<WorkCounts> {
    const [jobs, later, dead, metrics, failed] = await Promise.all([
      this.#jobs(),
      this.#later.size(),
      this.#dead.size(),
      this.#link.call(() => this.#queue.getMetrics('completed')),
      this.#link.call(() => this.#link.client.get(this.#failedRuns)),
    ]);
    const { waiting, running, retries } = jobs;
    return { running, waiting, delayed: retries + later, dead, done: metrics.meta.count, failed: Number(failed ?? 0) };
  }

  deadLetters(): Promise<readonly DeadLetter[]> {
    return this.#dead.list();
  }

  async retryDead(key?: string): Promise<number> {
    const letters = (await this.#dead.list()).filter((letter) => key === undefined || letter.key === key);
    for (const letter of letters) {
      await this.add(letter.key);
      // Added first: a process that ends in between leaves a letter too many, not a key too few.
      await this.#dead.removeIfSame(letter);
    }
    return letters.length;
  }

  setAside(letter: DeadLetter): Promise<void> {
    return this.#dead.put(letter);
  }

  forgetDead(keys: readonly string[]): Promise<void> {
    return this.#dead.remove(keys);
  }

  drain(timeoutMs: number): Promise<void> {
    this.#closing ??= this.#end(timeoutMs);
    return this.#closing;
  }

  close(): Promise<void> {
    return this.drain(0);
  }

  async #end(timeoutMs: number): Promise<void> {
    const { clock } = this.#options;
    this.#pump.stop();
    if (this.#working !== undefined) {
      const { worker, link, runner } = this.#working;
      // Closing in good order waits for ever when Redis is away, or goes away meanwhile: the end of the runs is waited for here.
      const paused = worker.pause();
      await runner.end(timeoutMs);
      await atMost(paused, GOODBYE_MS, clock);
      await atMost(worker.close(true), GOODBYE_MS, clock);
      link.close();
    }
    await atMost(this.#queue.close(), GOODBYE_MS, clock);
    this.#link.close();
  }

  async #jobs(): Promise<{ readonly waiting: number; readonly running: number; readonly retries: number }> {
    const states = ['wait', 'prioritized', 'active', 'delayed'] as const;
    const counts = await this.#link.call(() => this.#queue.getJobCounts(...states));
    const of = (state: (typeof states)[number]): number => counts[state] ?? 0;
    return { waiting: of('wait') + of('prioritized'), running: of('active'), retries: of('delayed') };
  }

  /** Whether a key was added while it ran: BullMQ keeps its next job beside the deduplication key. */
  async #isWanted(key: string): Promise<boolean> {
    return (await this.#link.call(() => this.#link.client.exists(this.#queue.toKey(`dn:${key}`)))) > 0;
  }
}

const JOB = {
  attempts: WITHOUT_END,
  backoff: { type: 'by disposition' },
  removeOnComplete: true,
  removeOnFail: true,
  stackTraceLimit: 0,
} as const;

const queueOptions = (link: RedisLink, prefix: string): QueueOptions => ({ connection: link.client, prefix });

/** The link to Redis says its trouble itself. */
const ignore = (): undefined => undefined;
