import { type PortSet, PROTOCOLS, type Protocol } from '#model/net';
import type { Flow } from './flow.js';
import { portMatches } from './port-mask.js';
import { copyRegister, REGISTER, registerField, registerIs, setRegister } from './registers.js';
import { CONNECTION_ZONE, ICMP_BY_DEFAULT, ICMP_PERMIT } from './reserved.js';
import { goTo, PRIORITY, TABLE } from './tables.js';
import type { ConnectionSet, DatapathView, TaggedPermit } from './view.js';

/** IP protocol numbers (IANA). */
const PROTOCOL_NUMBER: Readonly<Record<Protocol, number>> = { tcp: 6, udp: 17, sctp: 132 };

/**
 * Flows that admit connections. Every packet, of a new connection or of one long open, is looked up by the groups of the
 * connection's opener and target and by the port it was opened toward: a permit that goes takes its connections along in
 * the same transaction, and so does a pod that changes its group (policy.md N25; docs/decisions).
 */
export const admissionFlows = ({ permits }: DatapathView): readonly Flow[] => [
  {
    table: TABLE.track,
    priority: PRIORITY.exact,
    match: ['ip'],
    actions: [`ct(table=${TABLE.state.id},zone=${CONNECTION_ZONE})`],
  },
  ...stateFlows(),
  ...(ICMP_BY_DEFAULT ? [icmpByDefault()] : []),
  ...permits.map(permitFlow),
  ...connectionFlows(permits),
  ...commitFlows(),
];

/** Replies are looked up the other way round; what conntrack cannot place is dropped; ICMP errors of a connection pass. */
function stateFlows(): readonly Flow[] {
  const flow = (priority: number, match: readonly string[], actions: readonly string[]): Flow => ({
    table: TABLE.state,
    priority,
    match,
    actions,
  });
  const { sourceGroup, destinationGroup, opener, target } = REGISTER;
  const look = goTo(TABLE.permit);
  return [
    flow(PRIORITY.guard, ['ct_state=+trk+inv', 'ip'], []),
    flow(PRIORITY.localAddress, ['ct_state=+trk+rel-inv', 'icmp'], [goTo(TABLE.output)]),
    flow(
      PRIORITY.exact,
      ['ct_state=+trk-rpl-inv', 'ip'],
      [copyRegister(sourceGroup, opener), copyRegister(destinationGroup, target), look],
    ),
    flow(
      PRIORITY.exact,
      ['ct_state=+trk+est+rpl-inv', 'ip'],
      [copyRegister(destinationGroup, opener), copyRegister(sourceGroup, target), look],
    ),
  ];
}

/** Before the permits, so that ICMP has one mark whatever permits come and go. */
const icmpByDefault = (): Flow => ({
  table: TABLE.permit,
  priority: PRIORITY.guard,
  about: ICMP_PERMIT,
  match: ['icmp'],
  actions: [setRegister(REGISTER.permit, ICMP_PERMIT), goTo(TABLE.commit)],
});

const permitFlow = ({ id, source, destination, connections }: TaggedPermit): Flow => ({
  table: TABLE.permit,
  priority: PRIORITY.exact,
  about: id,
  match: ['ip', registerIs(REGISTER.opener, source), registerIs(REGISTER.target, destination)],
  actions: [
    setRegister(REGISTER.permit, id),
    ...(connections === 'everything'
      ? [goTo(TABLE.commit)]
      : [setRegister(REGISTER.connections, connections.id), goTo(TABLE.connections)]),
  ],
});

/** Each set of connections once, however many permits share it. */
function connectionFlows(permits: readonly TaggedPermit[]): readonly Flow[] {
  const sets = new Map<number, Exclude<ConnectionSet, 'everything'>>();
  for (const { connections } of permits) if (connections !== 'everything') sets.set(connections.id, connections);
  return [...sets.values()]
    .sort((a, b) => a.id - b.id)
    .flatMap(({ id, ports }) =>
      PROTOCOLS.flatMap((protocol) => matchesOf(ports[protocol]).map((match) => connectionFlow(id, protocol, match))),
    );
}

/**
 * Terms that match the connection's port, not the packet's: replies carry it as their source. A later fragment shows no
 * port at all: it follows the first one, without which the receiver can do nothing with it.
 */
function matchesOf(ports: PortSet): readonly (readonly string[])[] {
  const terms = portMatches(ports).map((port) => (port === undefined ? [] : [`ct_tp_dst=${port}`]));
  const needsPort = terms.some((term) => term.length > 0);
  return needsPort ? [...terms, ['ip_frag=later']] : terms;
}

const connectionFlow = (set: number, protocol: Protocol, match: readonly string[]): Flow => ({
  table: TABLE.connections,
  priority: PRIORITY.exact,
  about: set,
  match: [
    'ct_state=+trk-inv',
    'ip',
    registerIs(REGISTER.connections, set),
    `ct_nw_proto=${PROTOCOL_NUMBER[protocol]}`,
    ...match,
  ],
  actions: [goTo(TABLE.commit)],
});

function commitFlows(): readonly Flow[] {
  const mark = `move:${registerField(REGISTER.permit)}->NXM_NX_CT_MARK[]`;
  return [
    {
      table: TABLE.commit,
      priority: PRIORITY.exact,
      match: ['ct_state=+trk+new', 'ip'],
      actions: [`ct(commit,zone=${CONNECTION_ZONE},exec(${mark}))`, goTo(TABLE.output)],
    },
    { table: TABLE.commit, priority: PRIORITY.otherwise, match: ['ip'], actions: [goTo(TABLE.output)] },
  ];
}
