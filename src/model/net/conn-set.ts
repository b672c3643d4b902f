import {
  ALL_PORTS,
  hasPort,
  intersectPorts,
  isAllPorts,
  NO_PORTS,
  type PortSet,
  subtractPorts,
  unionPorts,
} from './port-set.js';

/** Protocols whose ports a NetworkPolicy can name (policy.md N17). */
export type Protocol = 'tcp' | 'udp' | 'sctp';
export const PROTOCOLS: readonly Protocol[] = ['tcp', 'udp', 'sctp'];

/**
 * What may be opened toward a destination: canonical port sets per protocol. `other` (any protocol that a policy
 * cannot name, policy.md N13) is true only where everything is allowed.
 */
export interface ConnSet {
  readonly tcp: PortSet;
  readonly udp: PortSet;
  readonly sctp: PortSet;
  readonly other: boolean;
}

export const NOTHING: ConnSet = { tcp: NO_PORTS, udp: NO_PORTS, sctp: NO_PORTS, other: false };
export const EVERYTHING: ConnSet = { tcp: ALL_PORTS, udp: ALL_PORTS, sctp: ALL_PORTS, other: true };

export const isNothing = (set: ConnSet): boolean =>
  !set.other && PROTOCOLS.every((protocol) => set[protocol].length === 0);

export const isEverything = (set: ConnSet): boolean =>
  set.other && PROTOCOLS.every((protocol) => isAllPorts(set[protocol]));

/** A set with the ports of one protocol. */
export const connOf = (protocol: Protocol, ports: PortSet): ConnSet => ({ ...NOTHING, [protocol]: ports });

export function unionConn(a: ConnSet, b: ConnSet): ConnSet {
  if (isNothing(a) || isEverything(b)) return b;
  if (isNothing(b) || isEverything(a)) return a;
  return {
    tcp: unionPorts(a.tcp, b.tcp),
    udp: unionPorts(a.udp, b.udp),
    sctp: unionPorts(a.sctp, b.sctp),
    other: a.other || b.other,
  };
}

export function intersectConn(a: ConnSet, b: ConnSet): ConnSet {
  if (isEverything(a)) return b;
  if (isEverything(b)) return a;
  return {
    tcp: intersectPorts(a.tcp, b.tcp),
    udp: intersectPorts(a.udp, b.udp),
    sctp: intersectPorts(a.sctp, b.sctp),
    other: a.other && b.other,
  };
}

/** What is in `a` and not in `b`. */
export function subtractConn(a: ConnSet, b: ConnSet): ConnSet {
  if (isNothing(b)) return a;
  return {
    tcp: subtractPorts(a.tcp, b.tcp),
    udp: subtractPorts(a.udp, b.udp),
    sctp: subtractPorts(a.sctp, b.sctp),
    other: a.other && !b.other,
  };
}

/** Whether the set allows opening this protocol and destination port. */
export const allowsConn = (set: ConnSet, protocol: Protocol, port: number): boolean => hasPort(set[protocol], port);

/** Canonical text, e.g. `TCP:80,443 UDP:53`, `TCP other`, `ALL`, `NONE`: equal sets have equal texts. */
export function formatConn(set: ConnSet): string {
  if (isEverything(set)) return 'ALL';
  const parts = PROTOCOLS.filter((protocol) => set[protocol].length > 0).map(
    (protocol) => `${protocol.toUpperCase()}${formatPorts(set[protocol])}`,
  );
  if (set.other) parts.push('other');
  return parts.length === 0 ? 'NONE' : parts.join(' ');
}

const formatPorts = (ports: PortSet): string =>
  isAllPorts(ports) ? '' : `:${ports.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',')}`;
