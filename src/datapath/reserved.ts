/**
 * Connection tracking zone of all pods: one, so that a connection between two pods of the node is tracked once. Not 0,
 * which a kernel datapath shares with the node's own connections.
 */
export const CONNECTION_ZONE = 0xac1;

/**
 * Whether ICMP is admitted where no permit says so (policy.md N20: NetworkPolicy does not speak of it; upstream tests
 * contradict neither choice). Errors that belong to an admitted connection pass in any case.
 */
export const ICMP_BY_DEFAULT = true;

/** Permit id (ct_mark) of ICMP that is admitted by default. */
export const ICMP_PERMIT = 1;

/** Permit id (ct_mark) of connections that no permit of their pair decides: both groups grant them everyone. */
export const GENERAL_PERMIT = 2;

/** Ids below this are reserved: 0 means none (ct_mark 0, no group), the rest is for built-in permits. */
export const FIRST_ID = 16;

/** Group tag of an address that no group has: no permit ever names it, and it grants nothing. */
export const NO_GROUP = 0;

/** The first bit of a group's tag: set for groups outside the cluster, clear for groups of pods. */
export const OUTSIDE_TAG = 0x80000000;

/** First 16 bits of the cookie of every flow of ours; the next 16 are the table, the last 32 the object it is about. */
export const COOKIE_MARK = 0x0ac1;
