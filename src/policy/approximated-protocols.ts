import type { FamilyConnections, FindingCode } from '#model/policy';

/** Protocols of which a fabric without state permits more than it is told to (policy.md §3.11). */
export const APPROXIMATED = ['udp', 'sctp'] as const;
export type Approximated = (typeof APPROXIMATED)[number];

/** The finding that says so. */
export const APPROXIMATED_CODES: Readonly<Record<Approximated, FindingCode>> = {
  udp: 'UDP_REVERSE',
  sctp: 'SCTP_PORTS',
};

/** Whether the fabric can permit just these connections and their answers. */
export const isExact = ({ ipv4, ipv6 }: FamilyConnections): boolean =>
  APPROXIMATED.every((protocol) => ipv4[protocol].length === 0 && ipv6[protocol].length === 0);
