/** What a handler wants next for its key: nothing, or another run after a time. */
export type WorkOutcome = 'done' | { readonly againAfterMs: number };

/** Does the work for one key. It reads the current state itself: the queue carries keys, never events. */
export type WorkHandler = (key: string, signal: AbortSignal) => Promise<WorkOutcome>;

/** Classes of work, the more urgent one first: what decides on connections goes before what people only look at. */
export const WORK_CLASSES = ['policy', 'inventory'] as const;
export type WorkClass = (typeof WORK_CLASSES)[number];

/** How a key is added. */
export interface AddOptions {
  /** `policy` when left out. Of several additions while a key waits the first one's class counts. */
  readonly priority?: WorkClass | undefined;
}

/** A key that was set aside: its error said that trying again is no use, or it failed too often. */
export interface DeadLetter {
  readonly key: string;
  /** The error's message, on one line. */
  readonly reason: string;
  /** The error's code; `UNFORESEEN` for one that nobody raised on purpose. */
  readonly code: string;
  /** How often it was tried, the last time included. */
  readonly attempts: number;
  /** When it was set aside, in milliseconds since the epoch. */
  readonly since: number;
}

/** How far a queue is. Keys are counted once, in the first of these where they are; runs are counted since the queue began. */
export interface WorkCounts {
  readonly running: number;
  readonly waiting: number;
  /** Keys that come at a known time: retries, and what was added for later. */
  readonly delayed: number;
  /** Keys that were set aside. */
  readonly dead: number;
  /** Runs that succeeded. */
  readonly done: number;
  /** Runs that failed, whatever became of the key. */
  readonly failed: number;
}

/** What was set aside, for people: seen, tried again, or forgotten. */
export interface DeadLetterOffice {
  /** All dead letters, the oldest first. */
  deadLetters(): Promise<readonly DeadLetter[]>;
  /** Adds a dead key again, or all of them; gives how many. A key without a dead letter is left alone. */
  retryDead(key?: string): Promise<number>;
  /** Leaves a letter for a key that a caller has given up elsewhere than in a run. */
  setAside(letter: DeadLetter): Promise<void>;
  /** Takes the letters of these keys away without trying again: somebody else has dealt with them. */
  forgetDead(keys: readonly string[]): Promise<void>;
}

/** What a queue tells of itself. */
export interface WorkProgress {
  /** Number of keys waiting, running, or waiting for their retry. */
  depth(): Promise<number>;
  counts(): Promise<WorkCounts>;
}

/**
 * A level-triggered queue of keys. One run per key at a time, in all processes that share the queue; keys added while they
 * run are run once more afterwards; any number of additions while waiting is one run; failed keys come back by the
 * disposition of their error (`nextMove` of #runtime), or are set aside as dead letters until they are added again.
 * After the last addition of a key there is always a later start of a run of it.
 */
export interface WorkQueue extends WorkProgress, DeadLetterOffice {
  /** Adds a key; resolves when the queue has taken it. A key that waits for its retry is run now. */
  add(key: string, options?: AddOptions): Promise<void>;
  /** Adds a key after a time in milliseconds. Of several times of a key the earliest counts. */
  addAfter(key: string, milliseconds: number, options?: AddOptions): Promise<void>;
  /** Starts working; returns at once. */
  start(handler: WorkHandler): void;
  /** Takes no new work, lets what runs end, and aborts what has not ended after the time; then the queue is closed. */
  drain(timeoutMs: number): Promise<void>;
  /** Stops taking keys, aborts the runs and waits for them to end. */
  close(): Promise<void>;
}
