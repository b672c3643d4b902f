import type { ClusterSnapshot } from '#model/kubernetes';
import { SetHash } from '#model/naming';
import type { NodeAddress, NodeEndpoint, NodeGroup, NodePolicy } from '#model/node';
import type { CompiledPolicy } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import type { Encoding } from './encoding.js';
import { indexPermits } from './node-permits.js';
import {
  byAddress,
  byGroup,
  endpointOf,
  gatewayOf,
  hasAddresses,
  localPart,
  nodeGroup,
  outsideAddresses,
  podAddresses,
  podsFirst,
  type SharedPart,
  sharedRevision,
  sliceOf,
} from './node-slice.js';
import { profileEncoding } from './profile-encoding.js';

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
  const gateway = gatewayOf(settings);
  const shared: SharedPart = { gateway, groups: groupsOf(compiled), addresses: addressesOf(compiled, snapshot) };
  const hash = new SetHash();
  for (const entry of [...shared.groups, ...shared.addresses]) hash.add(JSON.stringify(entry));
  const revision = sharedRevision(gateway, hash);
  const permitsOf = indexPermits(compiled.pairs);
  const local = endpointsByNode(compiled, snapshot, encoding);
  const names = [...new Set([...snapshot.nodes.keys(), ...local.keys()])].sort();
  return names.map((node) => {
    const endpoints = local.get(node) ?? [];
    const permits = permitsOf(new Set(endpoints.map(({ group }) => group)));
    return sliceOf(localPart(node, snapshot.nodes.get(node), endpoints), permits, { shared, revision });
  });
}

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
    endpoints.push(endpointOf(pod, view, { group, vlan: encoding.vlan(group, view.node) }));
    byNode.set(view.node, endpoints);
  }
  for (const endpoints of byNode.values()) endpoints.sort((a, b) => (a.pod < b.pod ? -1 : 1));
  return byNode;
}

function addressesOf(compiled: CompiledPolicy, snapshot: ClusterSnapshot): readonly NodeAddress[] {
  const pods = [...compiled.membership].flatMap(([pod, group]) => podAddresses(snapshot.pods.get(pod), group));
  const outside = compiled.groups.flatMap(outsideAddresses);
  return podsFirst([...pods].sort(byAddress), [...outside].sort(byAddress));
}

/** Groups that have an address; what has none neither sends nor receives. */
const groupsOf = ({ groups }: CompiledPolicy): readonly NodeGroup[] =>
  groups.filter(hasAddresses).map(nodeGroup).sort(byGroup);
