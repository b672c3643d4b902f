import { isEverything } from '#model/net';
import type { CompiledPolicy, Finding, FindingCode, Group, Openness } from '#model/policy';
import type { FabricSettings } from '#model/settings';

/**
 * What a fabric cannot say of any policy (policy.md §3.11): the limits that hold for the whole cluster, each once, on the
 * cluster and as information. None where no policy restricts anything.
 */
export function generalLimits(compiled: CompiledPolicy, settings: FabricSettings): readonly Finding[] {
  if (!restricts(compiled)) return [];
  const nodes = compiled.groups.some(({ kind }) => kind === 'nodes') ? NODES_IN_EPG : NODES_OUTSIDE;
  const limits = [...ALWAYS, nodes, ...(settings.vrfWidePermits ? VRF_WIDE : [])];
  return limits.map(([code, message]) => ({
    code,
    severity: 'info',
    object: `Cluster/${settings.clusterId}`,
    message,
  }));
}

/** Whether some pod may not open, or accept, everything. */
const restricts = ({ groups, pairs }: CompiledPolicy): boolean =>
  pairs.length > 0 || groups.some((group) => isPods(group) && [group.egress, group.ingress].some(isRestricted));

/** The group of a namespace without pods grants nothing and restricts nobody. */
const isPods = (group: Group): group is Extract<Group, { kind: 'pods' }> =>
  group.kind === 'pods' && group.members.length > 0;

const isRestricted = ({ isolated, pods, outside }: Openness): boolean =>
  isolated || [pods, outside].some(({ ipv4, ipv6 }) => !isEverything(ipv4) || !isEverything(ipv6));

type Limit = readonly [code: FindingCode, message: string];

const ALWAYS: readonly Limit[] = [
  ['LOCAL', 'pods of one node reach each other without passing a leaf: the host agent alone enforces policies there'],
  [
    'ESTABLISHED',
    'the fabric judges the first packet of a TCP connection and lets the rest pass: connections that a change of policy forbids are cut by the host agents alone',
  ],
  ['ND', 'ARP and IPv6 neighbour discovery pass whatever policies say: without them no address could be reached'],
  ['HAIRPIN', 'a pod that reaches itself, also by its own Service, does not leave its node; it is always allowed'],
  ['MCAST', 'NetworkPolicies do not speak of multicast and broadcast: the host agents drop what pods send to them'],
];

const NODES_IN_EPG: Limit = [
  'NODE_ALLOW',
  'a pod and its own node always reach each other, on the node itself; other nodes are in their EPG, which may what any of them may',
];

const NODES_OUTSIDE: Limit = [
  'NODE_ALLOW',
  'a pod and its own node always reach each other, on the node itself; other nodes are addresses outside the cluster. If they are in an EPG of the VRF, name it in fabric.nodes: the fabric drops their traffic otherwise',
];

const VRF_WIDE: readonly Limit[] = [
  ['ICMP', 'ICMP and ICMPv6 pass between all EPGs of the VRF (fabric.vrfWidePermits); NetworkPolicies leave it open'],
  [
    'FRAG',
    'later fragments of UDP datagrams carry no ports and pass between all EPGs of the VRF (fabric.vrfWidePermits); the host agents judge them',
  ],
];
