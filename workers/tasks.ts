import type { Clock, WorkHandler, WorkOutcome, WorkQueue } from '#ports';
import type { ApplyWorker } from './apply-worker.js';
import type { CompileWorker } from './compile-worker.js';
import type { DriftWorker } from './drift-worker.js';
import type { FabricMirror } from './fabric-mirror.js';
import { PublishGate } from './publish-gate.js';
import type { PublishWorker } from './publish-worker.js';
import { KEY } from './task-keys.js';

export { KEY } from './task-keys.js';

/** Milliseconds in which changes are collected before they are worked on: one compilation for a burst. */
export const COALESCE_MS = 5;
/** Milliseconds between two looks at the policy store. */
export const AUDIT_STORE_MS = 60_000;
/** Milliseconds between two whole compilations that what is kept must agree with (policy.md §3.8). */
export const AUDIT_POLICY_MS = 5 * 60_000;
const RETRY_PARKED_MS = 5 * 60_000;

/** The workers that the tasks call, and the queue they put further keys into. */
export interface TaskParts {
  readonly compiler: CompileWorker;
  readonly applier: ApplyWorker;
  readonly drift: DriftWorker;
  readonly publisher: PublishWorker;
  readonly fabric: FabricMirror;
  readonly queue: WorkQueue;
  readonly clock: Clock;
}

/** What is done for each key. */
export function gatewayTasks({ compiler, applier, drift, publisher, fabric, queue, clock }: TaskParts): WorkHandler {
  const gate = new PublishGate({ applier, publisher, queue, clock });
  const auditPlan = planAudit({ applier, clock });
  const bringOut = async (): Promise<void> => {
    if (!applier.settled) await queue.add(KEY.apply);
    await queue.add(KEY.publish);
  };
  const tasks: Readonly<Record<string, (signal: AbortSignal) => Promise<WorkOutcome>>> = {
    [KEY.compile]: async () => {
      if (compiler.run()) await bringOut();
      const { dueInMs } = compiler;
      return dueInMs === undefined ? 'done' : { againAfterMs: dueInMs };
    },
    [KEY.publish]: async () => {
      await gate.open();
      return 'done';
    },
    [KEY.apply]: (signal) => apply({ applier, drift, fabric, queue }, signal).finally(() => void gate.look()),
    [KEY.drift]: async (signal) => {
      await drift.tell(signal);
      return 'done';
    },
    [KEY.retryParked]: async () => {
      applier.retryParked();
      await queue.add(KEY.apply);
      return 'done';
    },
    [KEY.auditStore]: async () => {
      publisher.forget();
      await gate.open();
      return { againAfterMs: AUDIT_STORE_MS };
    },
    [KEY.auditPolicy]: async () => {
      if (compiler.audit()) await bringOut();
      if (auditPlan()) await queue.add(KEY.apply);
      // While something is due there is nothing to compare with: it is tried again when that is done.
      const { dueInMs = AUDIT_POLICY_MS } = compiler;
      return { againAfterMs: Math.min(AUDIT_POLICY_MS, dueInMs + COALESCE_MS) };
    },
  };
  return async (key, signal) => {
    const task = tasks[key];
    if (task !== undefined) return task(signal);
    await gate.pass(key.slice(KEY.node.length));
    return 'done';
  };
}

/**
 * Compares the plan with a whole one, which takes long: no more often than the policy is compared. Where that has to wait for what is
 * due, its key comes back each time that something was. Gives whether the plan was wrong.
 */
function planAudit({ applier, clock }: Pick<TaskParts, 'applier' | 'clock'>): () => boolean {
  let doneAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (clock.uptime() - doneAt < AUDIT_POLICY_MS) return false;
    const { done } = applier.audits;
    const isWrong = applier.audit();
    if (applier.audits.done > done) doneAt = clock.uptime();
    return isWrong;
  };
}

/** Brings the fabric up to date, and puts into the queue what follows from it. */
async function apply(
  { applier, drift, fabric, queue }: Pick<TaskParts, 'applier' | 'drift' | 'fabric' | 'queue'>,
  signal: AbortSignal,
): Promise<WorkOutcome> {
  try {
    await applier.run(signal);
  } finally {
    // Drift is told, too, when the APIC did not take the repair.
    if (drift.hasUntold) await queue.add(KEY.drift);
    if (drift.againInMs !== undefined) await queue.addAfter(KEY.apply, drift.againInMs);
  }
  // A run that wrote is followed by one that confirms that nothing is left to do.
  const { settled, hostsFollowInMs = COALESCE_MS } = applier;
  if (!settled && fabric.trusted) await queue.addAfter(KEY.apply, hostsFollowInMs);
  if (applier.hasParked) await queue.addAfter(KEY.retryParked, RETRY_PARKED_MS);
  return 'done';
}
