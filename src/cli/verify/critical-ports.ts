import { CLIENT_PORT, type ZoningRule } from '#fabric';
import { FIRST_PORT, LAST_PORT } from '#model/net';
import type { Endpoint, NetworkPolicyObject } from '#policy';
import { rulesOf } from './places.js';

/** Protocols of a NetworkPolicy with their numbers on the wire (policy.md N17). */
export const PROTOCOLS = { TCP: 6, UDP: 17, SCTP: 132 } as const;
export type ProtocolName = keyof typeof PROTOCOLS;
export const PROTOCOL_NAMES: readonly ProtocolName[] = ['TCP', 'UDP', 'SCTP'];

/** Ports at which a verdict can change: between two of them it is constant, so that a finite check is complete. */
export interface CriticalPorts {
  readonly destination: readonly number[];
  readonly source: readonly number[];
}

/** Ports of one protocol that policies name, with their neighbours (policy.md §4.4). */
export function policyPorts(policies: readonly NetworkPolicyObject[], protocol: ProtocolName): readonly number[] {
  const found = new Set<number>();
  for (const { ports } of policies.flatMap(rulesOf)) {
    for (const item of ports) {
      if ((item.protocol ?? 'TCP') !== protocol || typeof item.port !== 'number') continue;
      addRange(found, [item.port, item.endPort ?? item.port]);
    }
  }
  return [...found];
}

/** Numbers of the endpoint's named ports, with their neighbours. */
export function namedPorts({ ports = [] }: Endpoint, protocol: ProtocolName): readonly number[] {
  const found = new Set<number>();
  for (const { name, containerPort, protocol: own = 'TCP' } of ports) {
    if (name !== undefined && own === protocol) addRange(found, [containerPort, containerPort]);
  }
  return [...found];
}

/**
 * Ports at which the fabric's verdict for a connection can change: ends of the ranges of every entry that may match its
 * first packet (`forward`) or an answer (`backward`), ports exchanged there.
 */
export function fabricPorts(
  forward: readonly ZoningRule[],
  backward: readonly ZoningRule[],
  protocol: number,
): CriticalPorts {
  const destination = new Set<number>([FIRST_PORT, LAST_PORT]);
  const source = new Set<number>([CLIENT_PORT]);
  const entries = (rules: readonly ZoningRule[]): readonly NonNullable<ZoningRule['entry']>[] =>
    rules.flatMap(({ entry }) =>
      entry === undefined || (entry.protocol !== undefined && entry.protocol !== protocol) ? [] : [entry],
    );
  for (const { sourcePorts, destinationPorts, tcpRules } of entries(forward)) {
    // Entries for established connections match no first packet.
    if (protocol === PROTOCOLS.TCP && tcpRules.some((rule) => rule !== 'syn')) continue;
    addRange(source, sourcePorts);
    addRange(destination, destinationPorts);
  }
  for (const { sourcePorts, destinationPorts } of entries(backward)) {
    addRange(destination, sourcePorts);
    addRange(source, destinationPorts);
  }
  return { destination: [...destination], source: [...source] };
}

function addRange(found: Set<number>, range: readonly [number, number] | undefined): void {
  if (range === undefined) return;
  const [from, to] = range;
  for (const port of [from - 1, from, to, to + 1]) if (port >= FIRST_PORT && port <= LAST_PORT) found.add(port);
}
