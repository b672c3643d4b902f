/** Times of the way up, in milliseconds; see {@link UP_TIMING} for the usual ones. */
export interface UpTiming {
  /** In which changes of the inventory are collected: endpoints come and go all the time. */
  readonly collectMs: number;
  /** Between two looks at the pods' addresses, and at what there is to tell. */
  readonly lookMs: number;
  /** After which is looked although the policy keeps changing: to make what is looked at takes a while in a large cluster. */
  readonly busyLookMs: number;
  /** For which a finding has to be there before it is told: what passes by itself is not worth an event. */
  readonly tellAfterMs: number;
  /** For which a conflict of addresses that may pass by itself has to last before it is one. */
  readonly conflictSettleMs: number;
  /** After which groups that cannot be followed are said not to be current: a short loss is nothing. */
  readonly staleMs: number;
  /** Between two looks at what Kubernetes holds of ours: somebody may have deleted or changed it. */
  readonly auditMs: number;
  /** After which a write that Kubernetes refused is tried again: somebody may have granted or installed what it needs. */
  readonly refusedAgainMs: number;
  /** After which a write that failed otherwise is tried again. */
  readonly failedAgainMs: number;
  /** For which the nodes of a gateway that starts wait for the inventory, where admins have opened something. */
  readonly inventoryWaitMs: number;
  /** For which the policies of a gateway that starts wait for the inventory, where groups have learned addresses. */
  readonly addressesWaitMs: number;
  /** In which new addresses of groups are collected: each of them makes the slices of all nodes others. */
  readonly addressesCollectMs: number;
  /** For which an address that the fabric has forgotten still counts to its group: a machine that is silent comes back. */
  readonly forgetAddressMs: number;
}

/** The usual times. */
export const UP_TIMING: UpTiming = {
  collectMs: 1000,
  lookMs: 10_000,
  busyLookMs: 60_000,
  tellAfterMs: 10_000,
  conflictSettleMs: 60_000,
  staleMs: 60_000,
  auditMs: 5 * 60_000,
  refusedAgainMs: 60_000,
  failedAgainMs: 5000,
  inventoryWaitMs: 10_000,
  addressesWaitMs: 60_000,
  addressesCollectMs: 5000,
  forgetAddressMs: 60 * 60_000,
};
