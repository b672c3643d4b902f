import { GatewayError, messageOf } from '#errors';
import { type Logger, WRITE_ERRORS } from '#ports';
import type { UpTiming } from '../up-timing.js';

/** After how long writes are tried again. */
export type WriteTiming = Pick<UpTiming, 'refusedAgainMs' | 'failedAgainMs'>;

const REFUSALS: ReadonlySet<string> = new Set([WRITE_ERRORS.forbidden, WRITE_ERRORS.notFound, WRITE_ERRORS.invalid]);

/** Whether Kubernetes understood what was asked and did not do it: the same again would be refused again. */
export const isRefused = (error: unknown): boolean => error instanceof GatewayError && REFUSALS.has(error.code);

/** Writes to Kubernetes that fail: each reason is said once until all is well, and nothing else waits for them. */
export class WriteTrouble {
  readonly #log: Logger;
  readonly #what: string;
  readonly #timing: WriteTiming;
  #reasons = new Set<string>();
  #found = new Map<string, number>();

  /** @param what cannot be written, for the log. */
  constructor(what: string, timing: WriteTiming, log: Logger) {
    this.#timing = timing;
    this.#what = what;
    this.#log = log;
  }

  /** Why the last round could not be finished, in words; undefined when it could. */
  get reason(): string | undefined {
    return [...this.#reasons][0];
  }

  /** Notes an error of this round. */
  failed(error: unknown): void {
    const reason = messageOf(error);
    this.#found.set(reason, isRefused(error) ? this.#timing.refusedAgainMs : this.#timing.failedAgainMs);
    if (this.#reasons.has(reason)) return;
    this.#reasons.add(reason);
    this.#log.warn({ reason }, this.#what);
  }

  /** Ends the round: milliseconds until another try makes sense, undefined when nothing failed. */
  endRound(): number | undefined {
    const waits = [...this.#found.values()];
    this.#reasons = new Set(this.#found.keys());
    this.#found = new Map();
    return waits.length === 0 ? undefined : Math.min(...waits);
  }
}
