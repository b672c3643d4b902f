import type { BridgeState, NodeConnections, NodePolicy } from '#model/node';

/** One packet that opens a connection, as a person would describe it. */
export interface Probe {
  /** A pod's port, or the uplink with the frame's VLAN (0 untagged). */
  readonly from: { readonly port: number; readonly mac: string } | { readonly vlan: number };
  readonly source: string;
  readonly destination: string;
  readonly protocol: 'tcp' | 'udp' | 'sctp' | 'icmp' | 'gre';
  /** Destination port; ignored for icmp and gre. */
  readonly port: number;
}

/** Where the packet must come out: nowhere, at a port (also back where it came from), or at the uplink on a VLAN. */
export type Verdict = 'drop' | `port ${number}` | 'host' | `vlan ${number}`;

const toNumber = (address: string): number => address.split('.').reduce((value, part) => value * 256 + Number(part), 0);

function contains(prefix: string, address: string): boolean {
  const [first = '', length = ''] = prefix.split('/');
  const size = 2 ** (32 - Number(length));
  return Math.floor(toNumber(first) / size) === Math.floor(toNumber(address) / size);
}

function groupOf(policy: NodePolicy, address: string): string | undefined {
  const own = policy.endpoints.find(({ ips }) => ips.includes(address));
  if (own !== undefined) return own.group;
  return policy.addresses
    .filter(({ prefix }) => !prefix.includes(':') && contains(prefix, address))
    .sort((a, b) => Number(b.prefix.split('/')[1]) - Number(a.prefix.split('/')[1]))[0]?.group;
}

function allows(connections: NodeConnections, { protocol, port }: Probe): boolean {
  if (connections === 'everything') return true;
  if (protocol === 'icmp' || protocol === 'gre') return false;
  return connections[protocol].some(([from, to]) => from <= port && port <= to);
}

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
    return { ...plug, vlan: policy.groups.find(({ name }) => name === endpoint.group)?.vlan, group: endpoint.group };
  };
  const receiver = pluggedPod(destination);
  const admitted = (sender: string | undefined, target: string | undefined): boolean =>
    probe.protocol === 'icmp' ||
    policy.permits.some(
      (permit) =>
        permit.source === sender &&
        permit.destination === target &&
        permit.families.includes(4) &&
        allows(permit.connections, probe),
    );

  if ('vlan' in from) {
    if (bridge.uplink === undefined) return 'drop';
    if (receiver === undefined || receiver.vlan === undefined || receiver.vlan !== from.vlan) return 'drop';
    return admitted(groupOf(policy, source), receiver.group) ? `port ${receiver.port}` : 'drop';
  }
  const sender = pluggedPod(source);
  if (sender?.port !== from.port || sender.mac !== from.mac) return 'drop';
  if (destination === source) return `port ${from.port}`;
  if (probe.protocol === 'icmp' && policy.gateway.addresses.includes(destination)) return `port ${from.port}`;
  if (policy.nodeAddresses.includes(destination)) return 'host';
  if (toNumber(destination) >= 224 * 2 ** 24) return 'drop';
  if (!admitted(sender.group, groupOf(policy, destination))) return 'drop';
  if (receiver !== undefined) return `port ${receiver.port}`;
  return sender.vlan === undefined || bridge.uplink === undefined ? 'drop' : `vlan ${sender.vlan}`;
}
