import { isSameSet } from './connection-sets.js';
import type { Flow } from './flow.js';
import { REGISTER, type Register, registerHas, registerIs, setRegister } from './registers.js';
import { OUTSIDE_TAG } from './reserved.js';
import { goTo, PRIORITY, TABLE, type Table } from './tables.js';
import type { ConnectionSet, DatapathView, OpenTo, TaggedGroup } from './view.js';

/** One of the two directions in which a connection needs a grant. */
interface Direction {
  readonly table: Table;
  /** The tag of the group that grants, and of the one that it grants to. */
  readonly own: Register;
  readonly peer: Register;
  readonly granted: (group: TaggedGroup) => OpenTo<ConnectionSet>;
  /** Where a port is looked up in the granted set, and where a connection goes that needs no such look. */
  readonly ports: Table;
  readonly next: Table;
}

const EGRESS: Direction = {
  table: TABLE.egress,
  own: REGISTER.opener,
  peer: REGISTER.target,
  granted: ({ egress }) => egress,
  ports: TABLE.egressConnections,
  next: TABLE.ingress,
};

const INGRESS: Direction = {
  table: TABLE.ingress,
  own: REGISTER.target,
  peer: REGISTER.opener,
  granted: ({ ingress }) => ingress,
  ports: TABLE.connections,
  next: TABLE.commit,
};

/**
 * Flows for pairs of groups without a permit of their own (policy.md §3.3): the opener's grants on the way out and then the
 * target's on the way in, one or two flows a group and direction, so that no pair needs a flow. An address in no group
 * grants nothing.
 */
export const opennessFlows = ({ groups }: DatapathView): readonly Flow[] =>
  [EGRESS, INGRESS].flatMap((direction) => [
    outsideGrantsEverything(direction),
    ...groups.flatMap((group) => grantFlows(direction, group)),
  ]);

const outsideGrantsEverything = ({ table, own, next }: Direction): Flow => ({
  table,
  priority: PRIORITY.exact,
  match: ['ip', registerHas(own, OUTSIDE_TAG, OUTSIDE_TAG)],
  actions: [goTo(next)],
});

function grantFlows(direction: Direction, group: TaggedGroup): readonly Flow[] {
  const { pods, outside } = direction.granted(group);
  const { peer } = direction;
  if (isSameSet(pods, outside)) return grantFlow(direction, group.tag, pods, []);
  return [
    ...grantFlow(direction, group.tag, pods, [registerHas(peer, 0, OUTSIDE_TAG)]),
    ...grantFlow(direction, group.tag, outside, [registerHas(peer, OUTSIDE_TAG, OUTSIDE_TAG)]),
  ];
}

function grantFlow(
  { table, own, ports, next }: Direction,
  tag: number,
  set: ConnectionSet,
  peer: readonly string[],
): readonly Flow[] {
  if (set === 'nothing') return [];
  const actions = set === 'everything' ? [goTo(next)] : [setRegister(REGISTER.connections, set.id), goTo(ports)];
  return [{ table, priority: PRIORITY.exact, about: tag, match: ['ip', registerIs(own, tag), ...peer], actions }];
}
