import type { Flow } from './flow.js';
import { ORIGIN, REGISTER, registerField, setRegister } from './registers.js';
import { goTo, PRIORITY, TABLE } from './tables.js';
import type { DatapathView, LocalPod } from './view.js';

/** A frame without a VLAN tag. A pod that tags its frames itself would choose its group. */
export const UNTAGGED = 'vlan_tci=0x0000/0x1000';
const TAGGED = 'vlan_tci=0x1000/0x1000';

/** Flows of the first table: what a frame is by the port it came in through. Unknown ports match nothing. */
export function classifyFlows({ pods, uplink, host }: DatapathView): readonly Flow[] {
  return [
    ...pods.map(fromPod),
    ...(uplink === undefined ? [] : fromFabric(uplink)),
    ...(host === undefined ? [] : fromNode(host.addresses)),
  ];
}

const fromPod = ({ port, group, vlan }: LocalPod): Flow => ({
  table: TABLE.classify,
  priority: PRIORITY.exact,
  about: port,
  match: [`in_port=${port}`, UNTAGGED],
  actions: [
    setRegister(REGISTER.origin, ORIGIN.pod),
    setRegister(REGISTER.sourceGroup, group),
    setRegister(REGISTER.vlan, vlan ?? 0),
    goTo(TABLE.portSecurity),
  ],
});

function fromFabric(uplink: number): readonly Flow[] {
  const untag = [
    `move:OXM_OF_VLAN_VID[0..11]->${registerField(REGISTER.vlan, '0..11')}`,
    'pop_vlan',
    setRegister(REGISTER.origin, ORIGIN.fabric),
  ];
  const flow = (protocol: string, next: string): Flow => ({
    table: TABLE.classify,
    priority: PRIORITY.exact,
    about: uplink,
    match: [`in_port=${uplink}`, protocol, TAGGED],
    actions: [...untag, next],
  });
  return [flow('arp', goTo(TABLE.arp)), flow('ip', goTo(TABLE.source))];
}

function fromNode(addresses: readonly string[]): readonly Flow[] {
  const flow = (match: readonly string[], next: string): Flow => ({
    table: TABLE.classify,
    priority: PRIORITY.exact,
    match: ['in_port=LOCAL', UNTAGGED, ...match],
    actions: [setRegister(REGISTER.origin, ORIGIN.node), next],
  });
  return [
    flow(['arp'], goTo(TABLE.arp)),
    ...addresses.map((address) => flow(['ip', `nw_src=${address}`], goTo(TABLE.always))),
  ];
}
