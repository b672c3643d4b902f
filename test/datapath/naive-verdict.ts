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
  if (connections === 'nothing' || protocol === 'icmp') return false;
  if (protocol === 'gre') return connections.other === true;
  return connections[protocol].some(([from, to]) => from <= port && port <= to);
}

/** What the group grants the other for being a pods' group or not, in IPv4. */
function grants(policy: NodePolicy, direction: 'egress' | 'ingress', of: string, to: string): NodeConnections {
  const group = policy.groups.find(({ name }) => name === of);
  if (group === undefined) return 'nothing';
  if (group.kind !== 'pods') return 'everything';
  const openness = group[direction];
  if (typeof openness === 'string') return openness;
  const isPods = policy.groups.some(({ name, kind }) => name === to && kind === 'pods');
  return (isPods ? openness.pods : openness.outside).ipv4;
}

/** A pair that permits name may open what they say, any other what both of its sides grant everyone. */
function mayOpen(policy: NodePolicy, sender: string | undefined, target: string | undefined, probe: Probe): boolean {
  if (probe.protocol === 'icmp') return true;
  if (sender === undefined || target === undefined) return false;
  const own = policy.permits.filter(
    ({ source, destination, families }) => source === sender && destination === target && families.includes(4),
  );
  if (own.length > 0) return own.some(({ connections }) => allows(connections, probe));
  return (
    allows(grants(policy, 'egress', sender, target), probe) && allows(grants(policy, 'ingress', target, sender), probe)
  );
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
    const group = policy.groups.find(({ name }) => name === endpoint.group);
    return { ...plug, vlan: group?.kind === 'pods' ? group.vlan : undefined, group: endpoint.group };
  };
  const receiver = pluggedPod(destination);
  const admitted = (sender: string | undefined, target: string | undefined): boolean =>
    mayOpen(policy, sender, target, probe);

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
