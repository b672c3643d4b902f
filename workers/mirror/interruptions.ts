import type { Clock } from '#ports';

/** Milliseconds that a change waits at most: a resource that can be had is tried again within thirty seconds, and then listed. */
export const MOST_WAIT_MS = 45_000;

/**
 * Resources whose state is not known at the moment, and whether changes of the others must wait for them. After an API server was away,
 * answered expired watches or was restored, its resources come back one after another. In between some are of before and some of
 * after, a cluster that never was: pods without the policies that select them now, policies that mean labels of before. What
 * would be taken away, opened or moved for it nobody wants. One resource that is listed anew by itself is no such thing: nothing waits.
 */
export class Interruptions<Resource extends string> {
  readonly #clock: Clock;
  /** Interrupted, and waited for. Not those that were waited for in vain: one that is refused for ever must not stop the rest each time. */
  readonly #awaited = new Set<Resource>();
  #isHolding = false;
  #until: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resources that changes wait for; empty when none do. */
  get awaited(): readonly Resource[] {
    return this.#isHolding ? [...this.#awaited].sort() : [];
  }

  /** The state of a resource is not known any more. Told once until it is known again. */
  begin(resource: Resource): void {
    this.#awaited.add(resource);
    if (this.#awaited.size > 1) this.#isHolding = true;
  }

  /** It is known again. Gives whether changes waited for it, as the last one. */
  end(resource: Resource): boolean {
    if (!this.#awaited.delete(resource) || this.#awaited.size > 0) return false;
    const wasHolding = this.#isHolding;
    this.#release();
    return wasHolding;
  }

  /** Milliseconds that a change which is there waits at most from now on; 0 when it need not wait, or has waited for too long. */
  waitMs(): number {
    if (!this.#isHolding) return 0;
    const now = this.#clock.uptime();
    this.#until ??= now + MOST_WAIT_MS;
    if (now < this.#until) return this.#until - now;
    this.#awaited.clear();
    this.#release();
    return 0;
  }

  #release(): void {
    this.#isHolding = false;
    this.#until = undefined;
  }
}
