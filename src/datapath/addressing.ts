import { formatPrefix } from '#model/net';
import type { Flow } from './flow.js';
import { ORIGIN, OUTPUT_KIND, REGISTER, registerIs, setRegister } from './registers.js';
import { NO_GROUP } from './reserved.js';
import { goTo, PRIORITY, TABLE } from './tables.js';
import type { DatapathView, GroupPrefix, LocalPod } from './view.js';

/**
 * Flows that find the sender's group of a packet from the fabric, whose VLAN says the receiver's (policy.md §3.12): the
 * longest prefix wins. A sender in no group goes on: an ICMP error comes from any router on the way.
 */
export const sourceFlows = ({ prefixes }: DatapathView): readonly Flow[] => [
  ...prefixes.map(({ prefix, group }) => ({
    table: TABLE.source,
    priority: PRIORITY.prefix + prefix.length,
    about: group,
    match: ['ip', ...addressMatch('nw_src', { prefix, group })],
    actions: [setRegister(REGISTER.sourceGroup, group), goTo(TABLE.destination)],
  })),
  { table: TABLE.source, priority: PRIORITY.otherwise, match: ['ip'], actions: [goTo(TABLE.destination)] },
];

/** Flows that find the receiver's group and where the packet leaves; local pods are reached directly. */
export const destinationFlows = (view: DatapathView): readonly Flow[] => [
  ...view.pods.flatMap((pod) => pod.addresses.flatMap((address) => toLocalPod(pod, address, view.gateway.mac))),
  ...view.prefixes.map((entry) => towardFabric(entry, view.gateway.mac)),
  {
    table: TABLE.destination,
    priority: PRIORITY.otherwise,
    match: ['ip', registerIs(REGISTER.origin, ORIGIN.pod)],
    actions: outOfUplink(NO_GROUP, view.gateway.mac),
  },
];

/** A prefix of length 0 is no match at all: the switch would refuse two spellings of one match. */
const addressMatch = (field: string, { prefix }: GroupPrefix): readonly string[] =>
  prefix.length === 0 ? [] : [`${field}=${formatPrefix(prefix)}`];

/** From the fabric only on the VLAN of the pod's group: on another VLAN the leaf enforced another group's contracts. */
function toLocalPod({ port, mac, vlan, group }: LocalPod, address: string, gatewayMac: string): readonly Flow[] {
  const deliver = (match: readonly string[], hop: readonly string[]): Flow => ({
    table: TABLE.destination,
    priority: PRIORITY.localAddress,
    about: port,
    match: ['ip', ...match, `nw_dst=${address}`],
    actions: [
      setRegister(REGISTER.destinationGroup, group),
      `set_field:${gatewayMac}->eth_src`,
      `set_field:${mac}->eth_dst`,
      ...hop,
      setRegister(REGISTER.outputPort, port),
      setRegister(REGISTER.outputKind, OUTPUT_KIND.pod),
      goTo(TABLE.track),
    ],
  });
  const fromPod = deliver([registerIs(REGISTER.origin, ORIGIN.pod)], ['dec_ttl']);
  if (vlan === undefined) return [fromPod];
  return [fromPod, deliver([registerIs(REGISTER.origin, ORIGIN.fabric), registerIs(REGISTER.vlan, vlan)], [])];
}

const towardFabric = (entry: GroupPrefix, gatewayMac: string): Flow => ({
  table: TABLE.destination,
  priority: PRIORITY.prefix + entry.prefix.length,
  about: entry.group,
  match: ['ip', registerIs(REGISTER.origin, ORIGIN.pod), ...addressMatch('nw_dst', entry)],
  actions: outOfUplink(entry.group, gatewayMac),
});

const outOfUplink = (group: number, gatewayMac: string): readonly string[] => [
  setRegister(REGISTER.destinationGroup, group),
  `set_field:${gatewayMac}->eth_dst`,
  setRegister(REGISTER.outputKind, OUTPUT_KIND.uplink),
  goTo(TABLE.track),
];
