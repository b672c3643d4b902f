import { connectionFlows } from './connection-flows.js';
import type { Flow } from './flow.js';
import { opennessFlows } from './openness-flows.js';
import { copyRegister, REGISTER, registerField, registerIs, setRegister } from './registers.js';
import { CONNECTION_ZONE, GENERAL_PERMIT, ICMP_BY_DEFAULT, ICMP_PERMIT } from './reserved.js';
import { goTo, PRIORITY, TABLE } from './tables.js';
import type { DatapathView, TaggedPermit } from './view.js';

/**
 * Flows that admit connections. Every packet, of a new connection or of one long open, is looked up by the groups of the
 * connection's opener and target and by the port it was opened toward: a permit that goes takes its connections along in
 * the same transaction, and so does a pod that changes its group (policy.md N25; docs/decisions).
 */
export const admissionFlows = (view: DatapathView): readonly Flow[] => [
  {
    table: TABLE.track,
    priority: PRIORITY.exact,
    match: ['ip'],
    actions: [`ct(table=${TABLE.state.id},zone=${CONNECTION_ZONE})`],
  },
  ...stateFlows(),
  ...(ICMP_BY_DEFAULT ? [icmpByDefault()] : []),
  ...view.permits.map(permitFlow),
  withoutPermit(),
  ...opennessFlows(view),
  ...connectionFlows(view),
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

/** What the permit allows is all that the pair may open: where it allows nothing, no grant to everyone opens the pair. */
const permitFlow = ({ id, source, destination, connections }: TaggedPermit): Flow => ({
  table: TABLE.permit,
  priority: PRIORITY.exact,
  about: id,
  match: ['ip', registerIs(REGISTER.opener, source), registerIs(REGISTER.target, destination)],
  actions: permitActions(id, connections),
});

function permitActions(id: number, connections: TaggedPermit['connections']): readonly string[] {
  if (connections === 'nothing') return [];
  const mark = setRegister(REGISTER.permit, id);
  if (connections === 'everything') return [mark, goTo(TABLE.commit)];
  return [mark, setRegister(REGISTER.connections, connections.id), goTo(TABLE.connections)];
}

/** Pairs without a permit of their own: what both sides grant everyone. */
const withoutPermit = (): Flow => ({
  table: TABLE.permit,
  priority: PRIORITY.otherwise,
  about: GENERAL_PERMIT,
  match: ['ip'],
  actions: [setRegister(REGISTER.permit, GENERAL_PERMIT), goTo(TABLE.egress)],
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
