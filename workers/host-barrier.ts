import type { PlacedPods, PodMoves } from './pod-moves.js';
import type { PublishWorker } from './publish-worker.js';

/** What {@link HostBarrier} needs. */
export interface HostBarrierOptions {
  readonly publisher: Pick<PublishWorker, 'stale' | 'run'>;
  readonly moves: Pick<PodMoves, 'areComing' | 'hostsFollowInMs' | 'underWay'>;
  readonly desired: () => PlacedPods | undefined;
}

/** Milliseconds between two looks at whether the hosts were told. */
const LOOK_MS = 250;
const AT_ONCE_MS = 1;

/**
 * Keeps fabric and hosts in step (DESIGN.md §6.5, make before break): hosts put pods on the VLANs of their new groups when those
 * are bound, and what the pods had before is taken away when the hosts have followed. What tightens, the hosts do first.
 */
export class HostBarrier {
  readonly #options: HostBarrierOptions;
  /** Whether the hosts could not be told the last time either. */
  #isHeldAgain = false;

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
    this.#isHeldAgain = false;
    await Promise.all(stale.map((node) => publisher.run(node)));
    return moves.hostsFollowInMs;
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
