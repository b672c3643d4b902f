import { addressTexts, type ClusterSnapshot, type NodeView } from '#model/kubernetes';
import { contentHash } from '#model/naming';
import { addressBits, formatAddress, formatPrefix } from '#model/net';
import { NODE_POLICY_SCHEMA, type NodeAddress, type NodeEndpoint, type NodeGroup, type NodePolicy } from '#model/node';
import type { CompiledPolicy, Group } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import type { Encoding } from './encoding.js';
import { nodeOpenness } from './node-connections.js';
import { indexPermits } from './node-permits.js';
import { profileEncoding } from './profile-encoding.js';

/** What is equal for all nodes: one object, which all slices hold. */
type SharedPart = Pick<NodePolicy, 'gateway' | 'groups' | 'addresses'>;

/**
 * The slice of the compiled policy for every node (policy.md §3.12), sorted by node. All pod addresses are in every slice:
 * an address that is missing would be taken for one outside the cluster. Permits are those with a side on the node. Takes
 * time in proportion to what the slices hold, where the groups and addresses that they share count once. Pure.
 */
export function nodePolicies(
  compiled: CompiledPolicy,
  snapshot: ClusterSnapshot,
  settings: FabricSettings,
  encoding: Encoding = profileEncoding(compiled, settings),
): readonly NodePolicy[] {
  const shared: SharedPart = {
    gateway: gatewayOf(settings),
    groups: groupsOf(compiled),
    addresses: addressesOf(compiled, snapshot),
  };
  const sharedRevision = contentHash(JSON.stringify(shared));
  const permitsOf = indexPermits(compiled.pairs);
  const local = endpointsByNode(compiled, snapshot, encoding);
  const names = [...new Set([...snapshot.nodes.keys(), ...local.keys()])].sort();
  return names.map((node) => {
    const endpoints = local.get(node) ?? [];
    const own = { schema: NODE_POLICY_SCHEMA, node, nodeAddresses: nodeAddresses(snapshot.nodes.get(node)), endpoints };
    const { permits, digest } = permitsOf(new Set(endpoints.map(({ group }) => group)));
    const revision = contentHash(`${sharedRevision} ${digest} ${JSON.stringify(own)}`);
    return { ...own, revision, ...shared, permits };
  });
}

const gatewayOf = ({ bridgeDomain: { gateways, mac } }: FabricSettings): NodePolicy['gateway'] => ({
  addresses: gateways.map((gateway) => gateway.split('/')[0] ?? gateway),
  mac,
});

const nodeAddresses = (node: NodeView | undefined): readonly string[] => (node?.addresses ?? []).map(formatAddress);

function endpointsByNode(
  compiled: CompiledPolicy,
  snapshot: ClusterSnapshot,
  encoding: Encoding,
): ReadonlyMap<string, NodeEndpoint[]> {
  const byNode = new Map<string, NodeEndpoint[]>();
  for (const [pod, group] of compiled.membership) {
    const view = snapshot.pods.get(pod);
    if (view?.node === undefined) continue;
    const endpoints = byNode.get(view.node) ?? [];
    const vlan = encoding.vlan(group, view.node);
    endpoints.push({ pod, ips: addressTexts(view), group, ...(vlan === undefined ? {} : { vlan }) });
    byNode.set(view.node, endpoints);
  }
  for (const endpoints of byNode.values()) endpoints.sort((a, b) => (a.pod < b.pod ? -1 : 1));
  return byNode;
}

function addressesOf(compiled: CompiledPolicy, snapshot: ClusterSnapshot): readonly NodeAddress[] {
  const pods = [...compiled.membership].flatMap(([pod, group]) =>
    (snapshot.pods.get(pod)?.addresses ?? []).map((address) => ({
      prefix: `${formatAddress(address)}/${addressBits(address.family)}`,
      group,
    })),
  );
  const outside = compiled.groups.flatMap((group) =>
    group.kind === 'pods' ? [] : group.prefixes.map((prefix) => ({ prefix: formatPrefix(prefix), group: group.name })),
  );
  return [...pods, ...outside].sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
}

/** Groups that have an address; what has none neither sends nor receives. */
const groupsOf = ({ groups }: CompiledPolicy): readonly NodeGroup[] => groups.filter(hasAddresses).map(nodeGroup);

const hasAddresses = (group: Group): boolean =>
  group.kind === 'pods' ? group.members.length > 0 : group.prefixes.length > 0;

function nodeGroup(group: Group): NodeGroup {
  if (group.kind !== 'pods') return { kind: group.kind === 'external' ? 'external' : 'foreign', name: group.name };
  const { kind, name, egress, ingress } = group;
  return { kind, name, egress: nodeOpenness(egress), ingress: nodeOpenness(ingress) };
}
