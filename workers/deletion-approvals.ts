import { type Change, type DeletionGate, type Deletions, deletedShare, heldAmong } from '#fabric';
import type { ApprovalLimits } from '#model/settings';
import type { Clock } from '#ports';

/** For how long what waited can be approved after something else has joined it: whoever looks at a plan takes minutes. */
const APPROVABLE_MS = 60 * 60_000;
/** Hashes that are remembered at most. */
const MOST_HASHES = 10_000;

/** When the deletions of a hash waited, and nothing else. */
interface Shown {
  /** The round of {@link DeletionApprovals} in which they did last. */
  readonly round: number;
  readonly uptime: number;
}

/**
 * Decides what a plan may take away, and keeps what somebody approved. Whoever approves a hash has seen the deletions that waited
 * under it: they are approved, as far as each of them has waited ever since, and none that joined them later. So what somebody has
 * looked at stays approvable, however much is added meanwhile. What is not approved is judged by the limits as if the
 * rest were not there.
 *
 * The approval of one object ends when it is gone, or when it is wanted again: it may go once more for another reason. All is kept in
 * memory only: after a restart somebody is asked again, which harms nobody, while an approval of long ago could.
 */
export class DeletionApprovals {
  readonly #limits: ApprovalLimits;
  readonly #clock: Pick<Clock, 'uptime'>;
  /** Dns whose deletion was approved and is still to be made. */
  #approved: ReadonlySet<string> = new Set();
  /** Round in which each deletion began to wait, by Dn. */
  #waiting: ReadonlyMap<string, number> = new Map();
  /** What waited, by its hash, the latest last. */
  readonly #shown = new Map<string, Shown>();
  /** Hash of what waits; undefined while nothing does. */
  #hash: string | undefined;
  /** Counts how often others waited than before. */
  #round = 0;

  constructor(limits: ApprovalLimits, clock: Pick<Clock, 'uptime'>) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** The deletions that may be made now; asked of none, too. */
  readonly mayDelete: DeletionGate = ({ changes }, part) => {
    const isApproved = ({ object }: Change): boolean => this.#approved.has(object.dn);
    this.#approved = new Set(changes.filter(isApproved).map(({ object }) => object.dn));
    const rest = part(heldAmong(changes, isApproved));
    const isHeld = this.#isTooMuch(rest);
    this.#note(isHeld ? rest : undefined);
    if (!isHeld) return changes;
    const held = new Set(rest.changes);
    return changes.filter((change) => !held.has(change));
  };

  /** Approves what waits now of the deletions that waited under the hash; gives how many these are. */
  approve(hash: string): number {
    this.#forgetOld();
    const shown = this.#shown.get(hash);
    if (shown === undefined) return 0;
    const dns = [...this.#waiting].flatMap(([dn, since]) => (since <= shown.round ? [dn] : []));
    this.#approved = new Set([...this.#approved, ...dns]);
    return dns.length;
  }

  /** Takes in what waits now. */
  #note(waiting: Deletions | undefined): void {
    const { hash, changes = [] } = waiting ?? {};
    if (hash !== this.#hash) {
      this.#hash = hash;
      this.#round += 1;
      const before = this.#waiting;
      this.#waiting = new Map(changes.map(({ object: { dn } }) => [dn, before.get(dn) ?? this.#round]));
    }
    if (hash === undefined) return;
    this.#shown.delete(hash);
    this.#shown.set(hash, { round: this.#round, uptime: this.#clock.uptime() });
    this.#forgetOld();
  }

  /** What waits now stays, however long it does. */
  #forgetOld(): void {
    const now = this.#clock.uptime();
    for (const [hash, { uptime }] of this.#shown) {
      const isOld = now - uptime > APPROVABLE_MS || this.#shown.size > MOST_HASHES;
      if (!isOld || hash === this.#hash) return;
      this.#shown.delete(hash);
    }
  }

  #isTooMuch(deletions: Deletions): boolean {
    const { maxDeletes, maxDeleteShare, shareCountsFrom } = this.#limits;
    const { objects } = deletions;
    if (objects > maxDeletes) return true;
    return objects >= shareCountsFrom && shareOf(deletions) > maxDeleteShare;
  }
}

/** Share of our objects that the deletions take away, 0 to 1. */
export const shareOf = ({ objects, owned }: Deletions): number => deletedShare({ deleted: objects, owned });
