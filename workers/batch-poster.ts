import type { Batch } from '#fabric';
import type { ApicPort } from '#ports';

/** Has a batch posted, here or elsewhere. */
export interface BatchPoster {
  /** How many batches it may be given at the same time, at least one. */
  readonly atOnce: number;
  /**
   * Resolves when the APIC has taken the batch. Rejects with a GatewayError whose disposition says what follows; `park` means
   * that the APIC refused it for what it says.
   *
   * @param mayBegin asked where that is possible right before it is sent, after all that it waited for; throws when it is not to be
   */
  post(batch: Batch, signal: AbortSignal, mayBegin: () => void): Promise<void>;
  /** Told when nothing is left to post but what the APIC refuses: Dns of those objects. */
  settled?(refused: readonly string[]): Promise<void>;
}

/**
 * POSTs in flight. While the APIC works on one, the next is made and the events of the last are read; more would only wait there.
 * The client of the APIC lets fewer through when that is too much.
 */
const POSTS_AT_ONCE = 2;

/** Posts from this process. */
export const directPoster = (apic: Pick<ApicPort, 'post'>): BatchPoster => ({
  atOnce: POSTS_AT_ONCE,
  post: ({ dn, tree }, signal, mayBegin) => apic.post(dn, tree, signal, mayBegin),
});
