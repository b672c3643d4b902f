import { GatewayError } from '#errors';
import type { Clock, Logger, WorkHandler, WorkTaker } from '#ports';
import { type Moment, momentOf, mostSince, withSignals } from '#runtime';
import { type DelegatedContent, decodeWork } from './work-content.js';
import { failureOf } from './work-failure.js';

/** Does one piece of work. Rejects with the error that its caller is to know. */
export type PerformWork = (work: DelegatedContent, signal: AbortSignal) => Promise<void>;

/** What {@link delegatedHandler} needs. */
export interface HandlerParts {
  readonly contents: WorkTaker & { readonly leaseMs: number };
  readonly perform: PerformWork;
  /** A name that no other run has, in any process. */
  readonly runName: () => string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The share of a lease after which a worker stops: its last request must be over when the lease is. */
const SHARE_OF_LEASE = 0.75;

/**
 * The worker's side of delegated work: takes the content of a key, does it, and reports. The content is read when the run
 * begins, so it is the newest. What takes so long that another may have taken over is aborted, and not begun at all when the
 * process slept between taking it and doing it.
 */
export function delegatedHandler({ contents, perform, runName, clock, log }: HandlerParts): WorkHandler {
  const doWithinLease = async (work: DelegatedContent, takenAt: Moment, signal: AbortSignal): Promise<void> => {
    const leftMs = contents.leaseMs * SHARE_OF_LEASE - mostSince(takenAt, clock);
    if (leftMs <= 0) throw leaseOver();
    const lease = new AbortController();
    const timer = setTimeout(() => lease.abort(leaseOver()), leftMs);
    try {
      await withSignals([signal, lease.signal], (either) => perform(work, either));
    } catch (error) {
      // The other side may still be at what it was sent, so that nobody may get something newer before the lease is over.
      if (lease.signal.aborted) await clock.sleep(Math.max(0, contents.leaseMs - mostSince(takenAt, clock)), signal);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };
  return async (key, signal) => {
    const takenAt = momentOf(clock);
    const worker = runName();
    const taken = await contents.take(key, worker);
    if (taken.kind === 'nothing') return 'done';
    if (taken.kind === 'busy') return { againAfterMs: taken.forMs };
    try {
      await doWithinLease(decodeWork(taken.content, key), takenAt, signal);
    } catch (error) {
      // A run that was told to stop keeps its lease: the other side may still be at what it was sent.
      if (signal.aborted) throw error;
      const failure = failureOf(error);
      const isFinal = failure.disposition !== 'retry';
      const report = isFinal
        ? ({ kind: 'failed', failure } as const)
        : ({ kind: 'failing', failure, tries: 1 } as const);
      await contents.report(key, { worker, revision: taken.revision }, report);
      if (isFinal && failure.disposition !== 'crash') {
        log.info({ key, error }, 'work failed, and its caller decides what follows');
        return 'done';
      }
      throw error;
    }
    await contents.report(key, { worker, revision: taken.revision }, { kind: 'done' });
    return 'done';
  };
}

const leaseOver = (): GatewayError =>
  new GatewayError('WORK_LEASE_OVER', 'the work took longer than its lease: another worker may be at it', {
    disposition: 'retry',
  });
