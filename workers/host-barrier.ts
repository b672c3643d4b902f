import type { Clock } from '#ports';
import type { PublishWorker } from './publish-worker.js';

/** What {@link HostBarrier} needs. */
export interface HostBarrierOptions {
  readonly publisher: PublishWorker;
  /** Time that agents may take to follow what the policy store tells, in milliseconds. */
  readonly followMs: number;
  readonly clock: Clock;
}

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
   * another VLAN a moment ago, else 0. Rejects with the error of a policy store that does not take it.
   */
  async follow(): Promise<number> {
    const { publisher, followMs, clock } = this.#options;
    const stale = await publisher.stale();
    await Promise.all(stale.map((node) => publisher.run(node)));
    const { movedAt } = publisher;
    return movedAt === undefined ? 0 : Math.max(0, movedAt + followMs - clock.now());
  }
}
