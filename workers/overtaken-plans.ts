import type { Clock } from '#ports';
import type { ApplyOutcome } from './apply-worker.js';

/** Milliseconds for which plans may be overtaken, one after the other, before changes wait for one to come to its end. */
const PATIENCE_MS = 10_000;
/** Milliseconds that changes wait at most: an APIC that takes nothing must not keep them from the hosts. */
const MOST_HELD_MS = 30_000;
/** Milliseconds between two looks at whether the plan has come to its end. */
const LOOK_MS = 250;

/**
 * Knows for how long every plan was overtaken by a change before its end. What tightens and what goes is at the end of a plan: where
 * something changes all the time and the APIC is slow, it would never come to that.
 */
export class OvertakenPlans {
  readonly #clock: Pick<Clock, 'uptime'>;
  #since: number | undefined;

  constructor(clock: Pick<Clock, 'uptime'>) {
    this.#clock = clock;
  }

  /** Takes in what became of a plan. One that waits for hosts has not come to its end, nor was it overtaken. */
  ended(outcome: ApplyOutcome): void {
    if (outcome === 'applied') this.#since = undefined;
    else if (outcome === 'outdated') this.#since ??= this.#clock.uptime();
  }

  /** Milliseconds after which to ask again whether changes may be compiled; 0 when they may. */
  get holdMs(): number {
    if (this.#since === undefined) return 0;
    // Held for long enough, changes have their turn, and it begins anew.
    const lastedMs = (this.#clock.uptime() - this.#since) % (PATIENCE_MS + MOST_HELD_MS);
    return lastedMs >= PATIENCE_MS ? LOOK_MS : 0;
  }
}
