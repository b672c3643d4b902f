/** What a handler wants next for its key: nothing, or another run after a time. */
export type WorkOutcome = 'done' | { readonly againAfterMs: number };

/** Does the work for one key. It reads the current state itself: the queue carries keys, never events. */
export type WorkHandler = (key: string, signal: AbortSignal) => Promise<WorkOutcome>;

/**
 * A level-triggered queue of keys. One run per key at a time; keys added while they run are run once more afterwards;
 * any number of additions while waiting is one run; failed keys come back by the disposition of their error.
 */
export interface WorkQueue {
  /** Adds a key; resolves when the queue has taken it. */
  add(key: string): Promise<void>;
  /** Adds a key after a time in milliseconds. */
  addAfter(key: string, milliseconds: number): Promise<void>;
  /** Starts working; returns at once. */
  start(handler: WorkHandler): void;
  /** Number of keys waiting, running, or waiting for their retry. */
  depth(): Promise<number>;
  /** Stops taking keys, aborts the runs and waits for them to end. */
  close(): Promise<void>;
}
