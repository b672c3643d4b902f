import { type ConnSet, type PortSet, PROTOCOLS, type Protocol } from '#model/net';
import type { Flow } from './flow.js';
import { portMatches } from './port-mask.js';
import { REGISTER, registerIs } from './registers.js';
import { goTo, PRIORITY, TABLE, type Table } from './tables.js';
import type { ConnectionSet, DatapathView } from './view.js';

/** IP protocol numbers (IANA). */
const PROTOCOL_NUMBER: Readonly<Record<Protocol, number>> = { tcp: 6, udp: 17, sctp: 132 };

/** A table where ports are looked up, and the one that a connection goes to whose port is in the set. */
interface Lookup {
  readonly table: Table;
  readonly next: Table;
}

/**
 * Flows that hold a connection's protocol and port against a set: those of permits and of what targets grant in one table,
 * those of what openers grant in another, each set once in each.
 */
export const connectionFlows = ({ groups, permits }: DatapathView): readonly Flow[] => [
  ...setFlows(
    { table: TABLE.egressConnections, next: TABLE.ingress },
    groups.flatMap(({ egress }) => [egress.pods, egress.outside]),
  ),
  ...setFlows({ table: TABLE.connections, next: TABLE.commit }, [
    ...permits.map(({ connections }) => connections),
    ...groups.flatMap(({ ingress }) => [ingress.pods, ingress.outside]),
  ]),
];

function setFlows(lookup: Lookup, sets: readonly ConnectionSet[]): readonly Flow[] {
  const byId = new Map<number, ConnSet>();
  for (const set of sets) if (typeof set !== 'string') byId.set(set.id, set.allowed);
  return [...byId].sort(([a], [b]) => a - b).flatMap(([id, allowed]) => flowsOfSet(lookup, id, allowed));
}

function flowsOfSet({ table, next }: Lookup, id: number, allowed: ConnSet): readonly Flow[] {
  const flow = (priority: number, match: readonly string[], actions: readonly string[]): Flow => ({
    table,
    priority,
    about: id,
    match: ['ct_state=+trk-inv', 'ip', registerIs(REGISTER.connections, id), ...match],
    actions,
  });
  const named = PROTOCOLS.flatMap((protocol) =>
    matchesOf(allowed[protocol]).map((match) => flow(PRIORITY.exact, [protocolIs(protocol), ...match], [goTo(next)])),
  );
  if (!allowed.other) return named;
  // Protocols cannot be matched by exclusion: those with ports are dropped between their ports and all protocols.
  const closed = PROTOCOLS.map((protocol) => flow(PRIORITY.between, [protocolIs(protocol)], []));
  return [...named, ...closed, flow(PRIORITY.otherwise, [], [goTo(next)])];
}

const protocolIs = (protocol: Protocol): string => `ct_nw_proto=${PROTOCOL_NUMBER[protocol]}`;

/**
 * Terms that match the connection's port, not the packet's: replies carry it as their source. A later fragment shows no
 * port at all: it follows the first one, without which the receiver can do nothing with it.
 */
function matchesOf(ports: PortSet): readonly (readonly string[])[] {
  const terms = portMatches(ports).map((port) => (port === undefined ? [] : [`ct_tp_dst=${port}`]));
  const needsPort = terms.some((term) => term.length > 0);
  return needsPort ? [...terms, ['ip_frag=later']] : terms;
}
