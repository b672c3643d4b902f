import type { ApicParts, PlannedFailure } from '../http/index.js';

/** What is to go wrong, all of it optional; what is not named stays as it is. */
export interface FaultPlan {
  /** Holds every answer back for so long. */
  readonly latencyMilliseconds?: number;
  /** Answers a write at once and does it so much later. */
  readonly commitDelayMilliseconds?: number;
  /** Logins a minute that nginx lets through; the others get its page, 503. */
  readonly loginsPerMinute?: number;
  /** Only writes that name one of these classes are done later, e.g. firmware groups; without it all are. */
  readonly commitDelayClasses?: readonly string[];
  /** So many of the next writes are answered with 202, and done a moment later. */
  readonly acceptWrites?: number;
  /** How much later they are done: 200 milliseconds unless told. */
  readonly acceptDelayMilliseconds?: number;
  /** So many of the next queries that find something tell how much, and show nothing. */
  readonly emptyAnswers?: number;
  /** Requests that are to fail, e.g. with 503 or 429. */
  readonly failures?: readonly PlannedFailure[];
  /** Pushes to lose, to send twice, and to send in reverse order. */
  readonly dropEvents?: number;
  readonly duplicateEvents?: number;
  readonly reorderEvents?: number;
}

/** Puts a plan into force, beside what is in force already. */
export function planFaults(parts: ApicParts, plan: FaultPlan): void {
  planAnswers(parts, plan);
  planPushes(parts, plan);
  for (const failure of plan.failures ?? []) parts.failures.add(failure);
}

function planAnswers(parts: ApicParts, plan: FaultPlan): void {
  const { accepted } = parts;
  if (plan.latencyMilliseconds !== undefined) parts.latencyMilliseconds = plan.latencyMilliseconds;
  if (plan.commitDelayMilliseconds !== undefined) parts.commitDelayMilliseconds = plan.commitDelayMilliseconds;
  if (plan.loginsPerMinute !== undefined) parts.loginLimit.set(plan.loginsPerMinute);
  if (plan.commitDelayClasses !== undefined) parts.commitDelayClasses = new Set(plan.commitDelayClasses);
  if (plan.acceptDelayMilliseconds !== undefined) accepted.delayMilliseconds = plan.acceptDelayMilliseconds;
  if (plan.acceptWrites !== undefined) accepted.order(plan.acceptWrites);
  if (plan.emptyAnswers !== undefined) parts.failures.addEmptyAnswers(plan.emptyAnswers);
}

function planPushes(parts: ApicParts, plan: FaultPlan): void {
  const { faults } = parts.subscriptions;
  if (plan.dropEvents !== undefined) faults.drop(plan.dropEvents);
  if (plan.duplicateEvents !== undefined) faults.duplicate(plan.duplicateEvents);
  if (plan.reorderEvents !== undefined) faults.reorder(plan.reorderEvents);
}

/** Ends everything that was planned. */
export function endFaults(parts: ApicParts): void {
  parts.failures.clear();
  parts.loginLimit.set(undefined);
  parts.latencyMilliseconds = 0;
  parts.commitDelayMilliseconds = 0;
  parts.commitDelayClasses = new Set();
  parts.accepted.clear();
  parts.subscriptions.faults.clear();
}
