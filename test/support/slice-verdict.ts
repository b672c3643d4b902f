import { BlockList } from 'node:net';
import type { NodeConnections, NodePolicy } from '#model/node';

/** A protocol and port that somebody asks for. */
export interface Asked {
  readonly protocol: 'tcp' | 'udp' | 'sctp' | 'icmp' | 'gre';
  /** Destination port; ignored for icmp and gre. */
  readonly port: number;
}

/** What somebody wants to open. */
export interface Opening extends Asked {
  readonly source: string;
  readonly destination: string;
}

const familyOf = (address: string): 4 | 6 => (address.includes(':') ? 6 : 4);

function contains(prefix: string, address: string): boolean {
  const [first = '', length = ''] = prefix.split('/');
  if (familyOf(first) !== familyOf(address)) return false;
  const family = familyOf(address) === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(first, Number(length), family);
  return list.check(address, family);
}

/** Group of an address: of a pod of the node by its endpoint, of any other by the longest prefix. */
export function groupInSlice({ endpoints, addresses }: NodePolicy, address: string): string | undefined {
  const own = endpoints.find(({ ips }) => ips.includes(address));
  if (own !== undefined) return own.group;
  return addresses
    .filter(({ prefix }) => contains(prefix, address))
    .sort((a, b) => Number(b.prefix.split('/')[1]) - Number(a.prefix.split('/')[1]))[0]?.group;
}

function allows(connections: NodeConnections, { protocol, port }: Asked): boolean {
  if (connections === 'everything') return true;
  if (connections === 'nothing' || protocol === 'icmp') return false;
  if (protocol === 'gre') return connections.other === true;
  return connections[protocol].some(([from, to]) => from <= port && port <= to);
}

/** What the group grants the other, which is one of pods or not. */
function grants(
  { groups }: NodePolicy,
  direction: 'egress' | 'ingress',
  [of, to]: readonly [string, string],
  family: 4 | 6,
): NodeConnections {
  const group = groups.find(({ name }) => name === of);
  if (group === undefined) return 'nothing';
  if (group.kind !== 'pods') return 'everything';
  const openness = group[direction];
  if (typeof openness === 'string') return openness;
  const isToPods = groups.some(({ name, kind }) => name === to && kind === 'pods');
  return (isToPods ? openness.pods : openness.outside)[`ipv${family}`];
}

/** Whether the slice lets the source open this toward the destination: {@link openingsIn} for one question. */
export const sliceOpens = (policy: NodePolicy, opening: Opening): boolean =>
  openingsIn(policy, opening.source, opening.destination)(opening);

/**
 * What the slice lets the source open toward the destination: a plain statement of what a slice means that shares no code
 * with the flow compiler. A pair that permits name may open what they say, any other what both sides grant everyone
 * (policy.md §3.3). ICMP may always be opened (policy.md N20). Across families there is nothing to open.
 */
export function openingsIn(policy: NodePolicy, from: string, to: string): (opening: Asked) => boolean {
  const family = familyOf(from);
  if (family !== familyOf(to)) return () => false;
  const source = groupInSlice(policy, from);
  const target = groupInSlice(policy, to);
  if (source === undefined || target === undefined) return ({ protocol }) => protocol === 'icmp';
  const permits = policy.permits.filter(
    (permit) => permit.source === source && permit.destination === target && permit.families.includes(family),
  );
  const out = grants(policy, 'egress', [source, target], family);
  const into = grants(policy, 'ingress', [target, source], family);
  return (asked) => {
    if (asked.protocol === 'icmp') return true;
    if (permits.length > 0) return permits.some(({ connections }) => allows(connections, asked));
    return allows(out, asked) && allows(into, asked);
  };
}
