import type { Clock, WorkHandler, WorkOutcome, WorkQueue } from '#ports';
import type { ApplyWorker } from './apply-worker.js';
import type { CompileWorker } from './compile-worker.js';
import type { DriftWorker } from './drift-worker.js';
import type { FabricMirror } from './fabric-mirror.js';
import type { PublishWorker } from './publish-worker.js';

/** Keys of the queue. One of a kind runs at a time; a burst of changes is one run. */
export const KEY = {
  compile: 'compile',
  apply: 'apply',
  /** Finds out which nodes' slices have to be written. Apart from the rest: the APIC does not wait for slices. */
  publish: 'publish',
  /** Followed by the node's name. */
  node: 'node/',
  /** Looks up who changed what is not the gateway's doing, and tells. Apart from `apply`: no repair waits for it. */
  drift: 'drift',
  /** Tries again what the APIC refused: an admin may have removed the cause. */
  retryParked: 'retry-parked',
  /** Compares the store with what was published: somebody may have emptied it. */
  auditStore: 'audit-store',
  /** Compares what is kept change by change with a whole compilation, and a whole plan. */
  auditPolicy: 'audit-policy',
} as const;

/** Milliseconds in which changes are collected before they are worked on: one compilation for a burst. */
export const COALESCE_MS = 20;
/** Milliseconds between two looks at the policy store. */
export const AUDIT_STORE_MS = 60_000;
/** Milliseconds between two whole compilations that what is kept must agree with (policy.md §3.8). */
export const AUDIT_POLICY_MS = 5 * 60_000;
const RETRY_PARKED_MS = 5 * 60_000;
/** Milliseconds that hosts wait at most for the VLANs of their pods to be bound, and between two looks. */
const HOSTS_PATIENCE_MS = 10_000;
const HOSTS_AGAIN_MS = 100;

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
  let waitingSince: number | undefined;
  /** Tells the hosts once the VLANs that they will use are bound; after a while all the same: what tightens must not wait. */
  const publishStale = async (): Promise<void> => {
    waitingSince ??= clock.now();
    if (!applier.mayFollow && clock.now() - waitingSince < HOSTS_PATIENCE_MS) {
      await queue.addAfter(KEY.publish, HOSTS_AGAIN_MS);
      return;
    }
    waitingSince = undefined;
    for (const node of await publisher.stale()) await queue.add(`${KEY.node}${node}`);
  };
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
      await publishStale();
      return 'done';
    },
    [KEY.apply]: (signal) => apply({ applier, drift, fabric, queue }, signal),
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
      await publishStale();
      return { againAfterMs: AUDIT_STORE_MS };
    },
    [KEY.auditPolicy]: async () => {
      if (compiler.audit()) await bringOut();
      if (applier.audit()) await queue.add(KEY.apply);
      // While something is due there is nothing to compare with: it is tried again when that is done.
      const { dueInMs = AUDIT_POLICY_MS } = compiler;
      return { againAfterMs: Math.min(AUDIT_POLICY_MS, dueInMs + COALESCE_MS) };
    },
  };
  return async (key, signal) => {
    const task = tasks[key];
    if (task !== undefined) return task(signal);
    await publisher.run(key.slice(KEY.node.length));
    return 'done';
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
