import type { Clock } from '#ports';
import type { PlacedPods, PodMoves } from './pod-moves.js';
import type { PublishWorker } from './publish-worker.js';

/** What {@link HostBarrier} needs. */
export interface HostBarrierOptions {
  readonly publisher: Pick<PublishWorker, 'stale' | 'run'>;
  readonly moves: Pick<PodMoves, 'areComing' | 'followMs' | 'hostsFollowInMs' | 'underWay'>;
  readonly desired: () => PlacedPods | undefined;
  readonly clock: Pick<Clock, 'uptime'>;
}

/** Milliseconds between two looks at whether the hosts were told. */
const LOOK_MS = 250;
const AT_ONCE_MS = 1;
/**
 * Times that hosts may take to follow, after which what is to go does not wait for moves that began meanwhile: where some pod is always
 * on its way, nothing would ever go. Bridges keep what those need.
 */
const MOST_IN_A_ROW = 10;

/**
 * Keeps fabric and hosts in step (DESIGN.md §6.5, make before break): hosts put pods on the VLANs of their new groups when those
 * are bound, and what the pods had before is taken away when the hosts have followed. What tightens, the hosts do first.
 */
export class HostBarrier {
  readonly #options: HostBarrierOptions;
  /** Whether the hosts could not be told the last time either. */
  #isHeldAgain = false;
  /** Since when there was always some host that had still to follow. */
  #waitingSince: number | undefined;
  /** When it was asked last whether there is one. */
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(options: HostBarrierOptions) {
    this.#options = options;
  }

  /**
   * Tells the hosts what is desired now, and gives the milliseconds until they have surely followed: some where a pod went to
   * another VLAN a moment ago, else 0. Tells them nothing where by then something else is desired that they may not follow
   * yet, or where it is not known yet what they are to be told. Rejects with the error of a policy store that does not take it.
   */
  async follow(mayFollow: () => boolean): Promise<number> {
    const { publisher, moves } = this.#options;
    const stale = await publisher.stale();
    if (stale === undefined) return LOOK_MS;
    if (!mayFollow()) return this.#held();
    const told = await Promise.all(stale.map((node) => publisher.run(node, mayFollow)));
    if (told.includes(false)) return this.#held();
    this.#isHeldAgain = false;
    return this.#isWaitLong() ? 0 : moves.hostsFollowInMs;
  }

  /** Whether enough was waited for hosts, others each time; then it begins anew. */
  #isWaitLong(): boolean {
    const { moves, clock } = this.#options;
    const now = clock.uptime();
    const longMs = MOST_IN_A_ROW * moves.followMs;
    // While nothing is to go nobody asks, and that all have followed is not seen.
    if (now - this.#askedAt >= longMs) this.#waitingSince = undefined;
    this.#askedAt = now;
    const since = moves.hostsFollowInMs === 0 ? undefined : (this.#waitingSince ?? now);
    const isLong = since !== undefined && now - since >= longMs;
    this.#waitingSince = isLong ? undefined : since;
    return isLong;
  }

  /** What hosts need first is planned at once; if that did not help, it is not tried without a pause. */
  #held(): number {
    const waitMs = this.#isHeldAgain ? LOOK_MS : AT_ONCE_MS;
    this.#isHeldAgain = true;
    return waitMs;
  }

  /** Whether pods shall go to another EPG and their hosts do not know yet. */
  get areMovesComing(): boolean {
    const { desired, moves } = this.#options;
    const pods = desired();
    return pods !== undefined && moves.areComing(pods);
  }

  /** Milliseconds after which to ask again whether all pods have arrived; 0 when none is on its way to another EPG. */
  get movesEndInMs(): number {
    const { desired, moves } = this.#options;
    const pods = desired();
    if (pods === undefined || moves.underWay(pods).length === 0) return 0;
    return this.areMovesComing ? LOOK_MS : Math.max(AT_ONCE_MS, moves.hostsFollowInMs);
  }
}
