import type { Flow } from './flow.js';
import { goTo, PRIORITY, TABLE } from './tables.js';
import type { DatapathView, LocalPod } from './view.js';

/** Flows that let a pod send only with its own MAC and address, in the frame, the packet and the ARP body. */
export const portSecurityFlows = ({ pods }: DatapathView): readonly Flow[] =>
  pods.flatMap((pod) => pod.addresses.flatMap((address) => ownAddress(pod, address)));

function ownAddress({ port, mac }: LocalPod, address: string): readonly Flow[] {
  const flow = (match: readonly string[], next: string): Flow => ({
    table: TABLE.portSecurity,
    priority: PRIORITY.exact,
    about: port,
    match: [`in_port=${port}`, ...match, `dl_src=${mac}`],
    actions: [next],
  });
  return [
    flow(['ip', `nw_src=${address}`], goTo(TABLE.always)),
    flow(['arp', `arp_sha=${mac}`, `arp_spa=${address}`], goTo(TABLE.arp)),
  ];
}
