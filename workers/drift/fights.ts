/** When repairs of one thing become a fight. */
export interface FightLimits {
  /** Repairs within the window after which the gateway backs off. */
  readonly flips: number;
  readonly windowMs: number;
}

/** The first pause, and the longest: each is twice the one before. */
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;

interface Contest {
  /** Times of the repairs, those of the window and, in a fight, all since it began. */
  readonly repairs: readonly number[];
  /** Length of the last pause; 0 before there is one. */
  readonly pauseMs: number;
  /** When the pause ends that is going on, or is over without a repair yet. */
  readonly until: number | undefined;
}

/**
 * Counts how often the same thing was repaired, and says how long to leave it: two programs that put the same field back
 * again and again load the APIC and flood the audit log, and neither gets what it wants.
 */
export class Fights {
  readonly #limits: FightLimits;
  readonly #contests = new Map<string, Contest>();

  constructor(limits: FightLimits) {
    this.#limits = limits;
  }

  /** Milliseconds until the thing may be repaired; 0 for now. Begins the pause when it is time for one. */
  waitMs(key: string, now: number): number {
    const contest = this.#contests.get(key);
    if (contest === undefined || (contest.pauseMs === 0 && contest.repairs.length < this.#limits.flips)) return 0;
    if (contest.until !== undefined) return Math.max(0, contest.until - now);
    const pauseMs = contest.pauseMs === 0 ? FIRST_PAUSE_MS : Math.min(contest.pauseMs * 2, LONGEST_PAUSE_MS);
    this.#contests.set(key, { ...contest, pauseMs, until: now + pauseMs });
    return pauseMs;
  }

  /** Notes a repair. */
  repaired(key: string, now: number): void {
    const { repairs = [], pauseMs = 0 } = this.#contests.get(key) ?? {};
    this.#contests.set(key, { repairs: [...repairs, now], pauseMs, until: undefined });
  }

  /** Whether the gateway backs off, or did and looks whether it is over. */
  isFight(key: string): boolean {
    return (this.#contests.get(key)?.pauseMs ?? 0) > 0;
  }

  /** Repairs that were undone, as far as they are counted. */
  repairsOf(key: string): number {
    return this.#contests.get(key)?.repairs.length ?? 0;
  }

  /** When the next pause ends that is not over, or undefined. */
  nextEnd(now: number): number | undefined {
    let next: number | undefined;
    for (const { until } of this.#contests.values()) {
      if (until !== undefined && until > now && (next === undefined || until < next)) next = until;
    }
    return next;
  }

  /** Forgets repairs that are older than the window, and a fight when nothing has happened for as long. */
  forget(now: number): void {
    const since = now - this.#limits.windowMs;
    for (const [key, contest] of this.#contests) {
      const { repairs, pauseMs, until } = contest;
      const last = until ?? repairs.at(-1) ?? 0;
      if (last <= since) this.#contests.delete(key);
      else if (pauseMs === 0) this.#contests.set(key, { ...contest, repairs: repairs.filter((at) => at > since) });
    }
  }
}
