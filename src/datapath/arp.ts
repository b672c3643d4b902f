import type { Flow } from './flow.js';
import { ORIGIN, REGISTER, registerField, registerIs } from './registers.js';
import { PRIORITY, TABLE } from './tables.js';
import type { DatapathView, LocalPod } from './view.js';

const REQUEST = ['arp', 'arp_op=1'];

/**
 * Flows that answer ARP (RFC 826) on the spot. Pods are told the gateway's MAC for every address, so that every packet is
 * routed (policy.md §3.6); the fabric and the node are told of local pods only. Nothing is flooded.
 */
export const arpFlows = (view: DatapathView): readonly Flow[] => [
  ...view.pods.flatMap((pod) => pod.addresses.map((address) => silentOnOwn(pod, address))),
  proxy(view.gateway.mac),
  ...view.pods.flatMap((pod) => pod.addresses.flatMap((address) => answersForPod(pod, address, view))),
];

/** A pod that asks for its own address looks for a conflict (RFC 5227): an answer would be one. */
const silentOnOwn = ({ port }: LocalPod, address: string): Flow => ({
  table: TABLE.arp,
  priority: PRIORITY.guard,
  about: port,
  match: [...REQUEST, registerIs(REGISTER.origin, ORIGIN.pod), `in_port=${port}`, `arp_tpa=${address}`],
  actions: [],
});

const proxy = (gatewayMac: string): Flow => ({
  table: TABLE.arp,
  priority: PRIORITY.exact,
  match: [...REQUEST, registerIs(REGISTER.origin, ORIGIN.pod)],
  actions: [...replyWith(gatewayMac), 'IN_PORT'],
});

function answersForPod({ port, mac, vlan }: LocalPod, address: string, view: DatapathView): readonly Flow[] {
  const answer = (match: readonly string[], actions: readonly string[]): Flow => ({
    table: TABLE.arp,
    priority: PRIORITY.exact,
    about: port,
    match: [...REQUEST, ...match, `arp_tpa=${address}`],
    actions,
  });
  const onVlan = [registerIs(REGISTER.origin, ORIGIN.fabric), registerIs(REGISTER.vlan, vlan ?? 0)];
  return [
    ...(vlan === undefined ? [] : [answer(onVlan, [...replyWith(mac), ...PUSH_VLAN, 'IN_PORT'])]),
    answer([registerIs(REGISTER.origin, ORIGIN.node)], [...replyWith(view.gateway.mac), 'IN_PORT']),
  ];
}

/** Actions that tag the frame with the VLAN of the register. */
export const PUSH_VLAN: readonly string[] = [
  'push_vlan:0x8100',
  `move:${registerField(REGISTER.vlan, '0..11')}->OXM_OF_VLAN_VID[0..11]`,
];

/** Actions that turn a request into its reply: the asked address is at the MAC. */
const replyWith = (mac: string): readonly string[] => [
  'move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[]',
  `set_field:${mac}->eth_src`,
  'set_field:2->arp_op',
  'move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[]',
  `set_field:${mac}->arp_sha`,
  ...swap('NXM_OF_ARP_SPA[]', 'NXM_OF_ARP_TPA[]'),
];

/** Actions that swap two fields of one width. */
export const swap = (a: string, b: string): readonly string[] => [`push:${a}`, `push:${b}`, `pop:${a}`, `pop:${b}`];
