/** What the simulator has done since it was started or reset. */
export interface Counters {
  readonly requests: number;
  readonly logins: number;
  readonly failedLogins: number;
  readonly refreshes: number;
  /** GETs of objects and classes. */
  readonly reads: number;
  /** POSTs of objects. */
  readonly writes: number;
  /** DELETEs of objects. */
  readonly deletes: number;
  readonly subscriptions: number;
  readonly subscriptionRefreshes: number;
  /** Answers that were errors. */
  readonly errors: number;
  /** Errors of the simulator itself: always a bug. */
  readonly internalErrors: number;
}

/** Counters that can still change. */
export type Tally = { -readonly [Name in keyof Counters]: number };

/** Counters at zero. */
export const newTally = (): Tally => ({
  requests: 0,
  logins: 0,
  failedLogins: 0,
  refreshes: 0,
  reads: 0,
  writes: 0,
  deletes: 0,
  subscriptions: 0,
  subscriptionRefreshes: 0,
  errors: 0,
  internalErrors: 0,
});
