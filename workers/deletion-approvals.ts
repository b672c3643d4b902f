import { type Deletions, deletedShare } from '#fabric';
import type { ApprovalLimits } from '#model/settings';

interface Approval {
  readonly hash: string;
  readonly dns: ReadonlySet<string>;
}

/**
 * Decides whether a plan may take so much away, and keeps what somebody approved. An approval is for exactly the deletions of
 * its hash. While they are made it is for what is left of them; as soon as they are others, or all are made, it is void: the same
 * objects may come back, and go again for another reason. It is kept in memory only: after a restart somebody is asked again, which
 * harms nobody, while an approval of long ago could.
 */
export class DeletionApprovals {
  readonly #limits: ApprovalLimits;
  #approval: Approval | undefined;

  constructor(limits: ApprovalLimits) {
    this.#limits = limits;
  }

  /** Whether these deletions may be made now; asked of none, too. `isThere` says of a Dn whether the fabric has the object. */
  mayDelete(deletions: Deletions, isThere: (dn: string) => boolean): boolean {
    if (this.#approval !== undefined && !isFor(this.#approval, deletions, isThere)) this.#approval = undefined;
    return this.#approval !== undefined || !this.#isTooMuch(deletions);
  }

  /** Approves deletions that wait. */
  approve({ hash, changes }: Deletions): void {
    this.#approval = { hash, dns: new Set(changes.map(({ object }) => object.dn)) };
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

/** Whether the deletions are those that were approved, less the ones that are made. */
function isFor({ hash, dns }: Approval, { hash: now, changes }: Deletions, isThere: (dn: string) => boolean): boolean {
  if (changes.length === 0) return false;
  if (hash === now) return true;
  const left = new Set(changes.map(({ object }) => object.dn));
  return [...left].every((dn) => dns.has(dn)) && [...dns].every((dn) => left.has(dn) || !isThere(dn));
}
