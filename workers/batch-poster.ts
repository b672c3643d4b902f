import type { Batch } from '#fabric';
import type { ApicPort } from '#ports';

/** Has a batch posted, here or elsewhere. */
export interface BatchPoster {
  /**
   * Resolves when the APIC has taken the batch. Rejects with a GatewayError whose disposition says what follows; `park` means
   * that the APIC refused it for what it says.
   */
  post(batch: Batch, signal: AbortSignal): Promise<void>;
  /** Told when nothing is left to post but what the APIC refuses: Dns of those objects. */
  settled?(refused: readonly string[]): Promise<void>;
}

/** Posts from this process. */
export const directPoster = (apic: Pick<ApicPort, 'post'>): BatchPoster => ({
  post: ({ dn, tree }, signal) => apic.post(dn, tree, signal),
});
