import type { ApicParts, PlannedFailure } from '../http/index.js';

/** What is to go wrong, all of it optional; what is not named stays as it is. */
export interface FaultPlan {
  /** Holds every answer back for so long. */
  readonly latencyMilliseconds?: number;
  /** Answers a write at once and does it so much later. */
  readonly commitDelayMilliseconds?: number;
  /** Logins a minute that nginx lets through; the others get its page, 503. */
  readonly loginsPerMinute?: number;
  /** Requests that are to fail, e.g. with 503 or 429. */
  readonly failures?: readonly PlannedFailure[];
  /** Pushes to lose, to send twice, and to send in reverse order. */
  readonly dropEvents?: number;
  readonly duplicateEvents?: number;
  readonly reorderEvents?: number;
}

/** Puts a plan into force, beside what is in force already. */
export function planFaults(parts: ApicParts, plan: FaultPlan): void {
  const { faults } = parts.subscriptions;
  if (plan.latencyMilliseconds !== undefined) parts.latencyMilliseconds = plan.latencyMilliseconds;
  if (plan.commitDelayMilliseconds !== undefined) parts.commitDelayMilliseconds = plan.commitDelayMilliseconds;
  if (plan.loginsPerMinute !== undefined) parts.loginLimit.set(plan.loginsPerMinute);
  if (plan.dropEvents !== undefined) faults.drop(plan.dropEvents);
  if (plan.duplicateEvents !== undefined) faults.duplicate(plan.duplicateEvents);
  if (plan.reorderEvents !== undefined) faults.reorder(plan.reorderEvents);
  for (const failure of plan.failures ?? []) parts.failures.add(failure);
}

/** Ends everything that was planned. */
export function endFaults(parts: ApicParts): void {
  parts.failures.clear();
  parts.loginLimit.set(undefined);
  parts.latencyMilliseconds = 0;
  parts.commitDelayMilliseconds = 0;
  parts.subscriptions.faults.clear();
}
