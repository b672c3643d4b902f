/** From when on deletions wait until somebody approves them. */
export interface ApprovalLimits {
  /** A plan may take away this many objects, with what is below them, without being asked. */
  readonly maxDeletes: number;
  /** … and this share of all objects of ours, 0 to 1. */
  readonly maxDeleteShare: number;
  /** The share does not count for plans that take away fewer objects: of a small fabric a few are a large share. */
  readonly shareCountsFrom: number;
}

/** How the gateway writes to the APIC. */
export interface ApplySettings {
  /** Objects and bytes of one POST, at most; only what must be one transaction may be larger. */
  readonly batchObjects: number;
  readonly batchBytes: number;
  /** For how long agents may take to follow what the policy store tells, in milliseconds. */
  readonly hostsFollowMs: number;
  readonly approval: ApprovalLimits;
}

/**
 * A few hundred objects and well under 1 MB a POST (aci-model.md §6). Deletions: what a busy cluster does in one moment passes
 * (a namespace with ten deployments is some 100 objects), what an empty list or a wrong configuration does not.
 */
export const DEFAULT_APPLY_SETTINGS: ApplySettings = {
  batchObjects: 500,
  batchBytes: 500_000,
  hostsFollowMs: 1000,
  approval: { maxDeletes: 2000, maxDeleteShare: 0.5, shareCountsFrom: 200 },
};
