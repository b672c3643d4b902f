import { CLIENT_PORT, type ZoningRule } from '#fabric';
import { FIRST_PORT, LAST_PORT } from '#model/net';
import type { Endpoint, Rule, TieredPort } from '#policy';

/** Protocols of a NetworkPolicy with their numbers on the wire (policy.md N17). */
export const PROTOCOLS = { TCP: 6, UDP: 17, SCTP: 132 } as const;
export type ProtocolName = keyof typeof PROTOCOLS;
export const PROTOCOL_NAMES: readonly ProtocolName[] = ['TCP', 'UDP', 'SCTP'];

/** Ports at which a verdict can change: between two of them it is constant, so that a finite check is complete. */
export interface CriticalPorts {
  readonly destination: readonly number[];
  readonly source: readonly number[];
}

/** Ports of a rule: a range by number or a name, of one protocol or, as names of the tiers are, of any. */
export interface RulePorts {
  readonly protocol: ProtocolName | undefined;
  readonly range?: readonly [number, number];
  readonly name?: string;
}

/** Ports of a NetworkPolicy's rule; an entry that names all ports of a protocol has none at which a verdict changes. */
export const networkPolicyPorts = (ports: Rule['ports']): readonly RulePorts[] =>
  (ports ?? []).map(({ protocol = 'TCP', port, endPort }) => ({
    protocol: protocolOf(protocol),
    ...(typeof port === 'number' ? { range: [port, endPort ?? port] as const } : {}),
    ...(typeof port === 'string' ? { name: port } : {}),
  }));

/** Ports of a rule of the tiers around NetworkPolicy, in either version of the API. */
export const tieredPorts = (ports: readonly TieredPort[]): readonly RulePorts[] =>
  ports.flatMap(({ portNumber, portRange, namedPort, destinationNamedPort, ...byProtocol }): readonly RulePorts[] => {
    if (portNumber) return [numbers(portNumber.protocol, portNumber.port, portNumber.port)];
    if (portRange) return [numbers(portRange.protocol, portRange.start, portRange.end)];
    const name = namedPort ?? destinationNamedPort;
    if (name !== undefined) return [{ protocol: undefined, name }];
    return (['tcp', 'udp', 'sctp'] as const).flatMap((protocol) => {
      const { number, range } = byProtocol[protocol]?.destinationPort ?? {};
      if (number !== undefined) return [numbers(protocol.toUpperCase(), number, number)];
      return range === undefined ? [] : [numbers(protocol.toUpperCase(), range.start, range.end)];
    });
  });

const numbers = (protocol: string | undefined, from: number, to: number): RulePorts => ({
  protocol: protocolOf(protocol ?? 'TCP'),
  range: [from, to],
});

const protocolOf = (text: string): ProtocolName | undefined => PROTOCOL_NAMES.find((name) => name === text);

/** Ports of one protocol at which a verdict of the rules can change, with their neighbours (policy.md §4.4). */
export function policyPorts(
  rules: readonly RulePorts[],
  { ports = [] }: Endpoint,
  protocol: ProtocolName,
): readonly number[] {
  const found = new Set<number>();
  for (const rule of rules) {
    if (rule.protocol !== undefined && rule.protocol !== protocol) continue;
    addRange(found, rule.range);
    for (const { name, containerPort, protocol: own = 'TCP' } of ports) {
      if (name !== undefined && name === rule.name && own === protocol) addRange(found, [containerPort, containerPort]);
    }
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
