import type { BridgeState, NodePolicy } from '#model/node';
import { type Opening, sliceOpens } from '#support/slice-verdict';

/** One packet that opens a connection, as a person would describe it. */
export interface Probe extends Opening {
  /** A pod's port, or the uplink with the frame's VLAN (0 untagged). */
  readonly from: { readonly port: number; readonly mac: string } | { readonly vlan: number };
}

/** Where the packet must come out: nowhere, at a port (also back where it came from), or at the uplink on a VLAN. */
export type Verdict = 'drop' | `port ${number}` | 'host' | `vlan ${number}`;

const FIRST_MULTICAST_BYTE = 224;

/**
 * What must happen to a packet, read directly off the policy: a plain statement of the node's duties that shares no code
 * with the flow compiler.
 */
export function naiveVerdict(policy: NodePolicy, bridge: BridgeState, probe: Probe): Verdict {
  const { from, source, destination } = probe;
  const pluggedPod = (address: string) => {
    const endpoint = policy.endpoints.find(({ ips }) => ips.includes(address));
    const plug = bridge.endpoints.find(({ pod }) => pod === endpoint?.pod);
    if (endpoint === undefined || plug === undefined) return undefined;
    return { ...plug, vlan: endpoint.vlan };
  };
  const receiver = pluggedPod(destination);

  if ('vlan' in from) {
    if (bridge.uplink === undefined) return 'drop';
    if (receiver === undefined || receiver.vlan === undefined || receiver.vlan !== from.vlan) return 'drop';
    return sliceOpens(policy, probe) ? `port ${receiver.port}` : 'drop';
  }
  const sender = pluggedPod(source);
  if (sender?.port !== from.port || sender.mac !== from.mac) return 'drop';
  if (destination === source) return `port ${from.port}`;
  if (probe.protocol === 'icmp' && policy.gateway.addresses.includes(destination)) return `port ${from.port}`;
  if (policy.nodeAddresses.includes(destination)) return 'host';
  if (Number(destination.split('.')[0]) >= FIRST_MULTICAST_BYTE) return 'drop';
  if (!sliceOpens(policy, probe)) return 'drop';
  if (receiver !== undefined) return `port ${receiver.port}`;
  return sender.vlan === undefined || bridge.uplink === undefined ? 'drop' : `vlan ${sender.vlan}`;
}
