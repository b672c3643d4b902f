import type { FindingCode } from '#model/policy';

/** Protocols of which a fabric without state permits more than it is told to (policy.md §3.11). */
export const APPROXIMATED = ['udp', 'sctp'] as const;
export type Approximated = (typeof APPROXIMATED)[number];

/** The finding that says so. */
export const APPROXIMATED_CODES: Readonly<Record<Approximated, FindingCode>> = {
  udp: 'UDP_REVERSE',
  sctp: 'SCTP_PORTS',
};
