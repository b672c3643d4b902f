/** Keys of the queue. One of a kind runs at a time; a burst of changes is one run. */
export const KEY = {
  compile: 'compile',
  apply: 'apply',
  /** Finds out which nodes' slices have to be written. Apart from the rest: the APIC does not wait for slices. */
  publish: 'publish',
  /** Followed by the node's name. */
  node: 'node/',
  /** Looks up who changed what is not the gateway's doing, and tells. Apart from `apply`: no repair waits for it. */
  drift: 'drift',
  /** Tries again what the APIC refused: an admin may have removed the cause. */
  retryParked: 'retry-parked',
  /** Compares the store with what was published: somebody may have emptied it. */
  auditStore: 'audit-store',
  /** Compares what is kept change by change with a whole compilation, and a whole plan. */
  auditPolicy: 'audit-policy',
} as const;
