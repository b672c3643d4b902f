import type { NodePolicy } from '#model/node';
import type { PodMoves } from './pod-moves.js';
import type { PublishWorker } from './publish-worker.js';

/** What {@link HostBarrier} needs. */
export interface HostBarrierOptions {
  readonly publisher: Pick<PublishWorker, 'stale' | 'run'>;
  readonly moves: Pick<PodMoves, 'areComing' | 'hostsFollowInMs' | 'underWay'>;
  /** What the hosts shall be told. */
  readonly slices: () => ReadonlyMap<string, NodePolicy> | undefined;
}

/** Milliseconds between two looks at whether the hosts were told. */
const LOOK_MS = 250;
const AT_ONCE_MS = 1;
const NO_SLICES: ReadonlyMap<string, NodePolicy> = new Map();

/**
 * Keeps fabric and hosts in step (DESIGN.md §6.5, make before break): hosts put pods on the VLANs of their new groups when those
 * are bound, and what the pods had before is taken away when the hosts have followed. What tightens, the hosts do first.
 */
export class HostBarrier {
  readonly #options: HostBarrierOptions;

  constructor(options: HostBarrierOptions) {
    this.#options = options;
  }

  /**
   * Tells the hosts what is desired now, and gives the milliseconds until they have surely followed: some where a pod went to
   * another VLAN a moment ago, else 0. Tells them nothing where by then something else is desired that they may not follow
   * yet. Rejects with the error of a policy store that does not take it.
   */
  async follow(mayFollow: () => boolean): Promise<number> {
    const { publisher, moves } = this.#options;
    const stale = await publisher.stale();
    if (!mayFollow()) return AT_ONCE_MS;
    await Promise.all(stale.map((node) => publisher.run(node)));
    return moves.hostsFollowInMs;
  }

  /** Whether pods shall go to another EPG and their hosts do not know yet. */
  get areMovesComing(): boolean {
    return this.#options.moves.areComing(this.#slices);
  }

  /** Milliseconds after which to ask again whether all pods have arrived; 0 when none is on its way to another EPG. */
  get movesEndInMs(): number {
    const { moves } = this.#options;
    if (moves.underWay(this.#slices).length === 0) return 0;
    return this.areMovesComing ? LOOK_MS : Math.max(1, moves.hostsFollowInMs);
  }

  get #slices(): ReadonlyMap<string, NodePolicy> {
    return this.#options.slices() ?? NO_SLICES;
  }
}
