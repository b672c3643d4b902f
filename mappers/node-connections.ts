import { type ConnSet, isEverything, isNothing } from '#model/net';
import type { NodeConnections, NodeFamilyConnections, NodeOpenness } from '#model/node';
import type { FamilyConnections, Openness } from '#model/policy';

/** A set of connections as the slices of the nodes say it. */
export function nodeConnections(set: ConnSet): NodeConnections {
  if (isEverything(set)) return 'everything';
  if (isNothing(set)) return 'nothing';
  const { tcp, udp, sctp, other } = set;
  return { tcp, udp, sctp, ...(other ? { other } : {}) };
}

/** What a direction of a group grants everyone (policy.md §3.3), in one word where all of it is the same. */
export function nodeOpenness({ pods, outside }: Openness): NodeOpenness {
  const sets = [pods.ipv4, pods.ipv6, outside.ipv4, outside.ipv6];
  if (sets.every(isEverything)) return 'everything';
  if (sets.every(isNothing)) return 'nothing';
  return { pods: byFamily(pods), outside: byFamily(outside) };
}

const byFamily = ({ ipv4, ipv6 }: FamilyConnections): NodeFamilyConnections => ({
  ipv4: nodeConnections(ipv4),
  ipv6: nodeConnections(ipv6),
});
