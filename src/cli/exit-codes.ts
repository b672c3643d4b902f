/** Exit codes of `acigw`; documented in docs/cli.md. */
export const EXIT = {
  /** Everything was done. */
  ok: 0,
  /** Something failed that is no fault of the input. */
  failed: 1,
  /** `explain`: the flow is denied. */
  denied: 1,
  /** `verify`: the fabric is not what the policies say. */
  differs: 1,
  /** The input or the arguments were not taken as they are; what could be used was used. */
  badInput: 2,
  /** The fabric did not become as desired within the stated time. */
  notConverged: 3,
  /** `plan --detailed-exitcode`: there is something to do or to approve. */
  changes: 3,
} as const;
