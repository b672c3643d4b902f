import { addressTexts, type ClusterSnapshot, type NodeView } from '#model/kubernetes';
import { contentHash } from '#model/naming';
import { addressBits, type ConnSet, formatAddress, formatPrefix, isEverything } from '#model/net';
import type { NodeAddress, NodeConnections, NodeEndpoint, NodeGroup, NodePermit, NodePolicy } from '#model/node';
import { type CompiledPolicy, everyPermit, type Permit } from '#model/policy';
import type { FabricSettings } from '#model/settings';

/**
 * The slice of the compiled policy for every node (policy.md §3.12). All pod addresses are in every slice: an address
 * that is missing would be taken for one outside the cluster. Permits are those with a side on the node. Pure.
 */
export function nodePolicies(
  compiled: CompiledPolicy,
  snapshot: ClusterSnapshot,
  settings: FabricSettings,
): readonly NodePolicy[] {
  const shared = { addresses: addressesOf(compiled, snapshot), groups: groupsOf(compiled) };
  const local = endpointsByNode(compiled, snapshot);
  const names = [...new Set([...snapshot.nodes.keys(), ...local.keys()])].sort();
  return names.map((name) => {
    const endpoints = local.get(name) ?? [];
    const groups = new Set(endpoints.map((endpoint) => endpoint.group));
    const slice = {
      schema: 1 as const,
      node: name,
      gateway: {
        addresses: settings.bridgeDomain.gateways.map((gateway) => gateway.split('/')[0] ?? gateway),
        mac: settings.bridgeDomain.mac,
      },
      nodeAddresses: nodeAddresses(snapshot.nodes.get(name)),
      ...shared,
      endpoints,
      permits: everyPermit(compiled, groups).map(nodePermit),
    };
    return { ...slice, revision: contentHash(JSON.stringify(slice)) };
  });
}

const nodeAddresses = (node: NodeView | undefined): readonly string[] => (node?.addresses ?? []).map(formatAddress);

function endpointsByNode(compiled: CompiledPolicy, snapshot: ClusterSnapshot): ReadonlyMap<string, NodeEndpoint[]> {
  const byNode = new Map<string, NodeEndpoint[]>();
  for (const [pod, group] of compiled.membership) {
    const view = snapshot.pods.get(pod);
    if (view?.node === undefined) continue;
    const endpoints = byNode.get(view.node) ?? [];
    endpoints.push({ pod, ips: addressTexts(view), group });
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

const groupsOf = (compiled: CompiledPolicy): readonly NodeGroup[] =>
  compiled.groups.map((group) => ({
    name: group.name,
    kind: group.kind,
    ...(group.kind === 'pods' && group.vlan !== undefined ? { vlan: group.vlan } : {}),
  }));

const nodePermit = ({ source, destination, family, connections }: Permit): NodePermit => ({
  source,
  destination,
  families: family === 'ip' ? [4, 6] : family === 'ipv4' ? [4] : [6],
  connections: nodeConnections(connections),
});

const nodeConnections = (set: ConnSet): NodeConnections =>
  isEverything(set) ? 'everything' : { tcp: set.tcp, udp: set.udp, sctp: set.sctp };
