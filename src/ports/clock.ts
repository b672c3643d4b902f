/** Time, handed in so that tests can hold it still. */
export interface Clock {
  /** Milliseconds since the epoch: what is told to people and written for others. It may be put back or forward at any moment. */
  now(): number;
  /**
   * Milliseconds since any moment, by a clock that nobody sets: what is waited for and how long things took is measured by it.
   * It may stand still while the machine sleeps.
   */
  uptime(): number;
  /** Resolves after the time, or rejects with the signal's reason when it is aborted first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
