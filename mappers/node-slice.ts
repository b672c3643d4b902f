import { addressTexts, type NodeView, type PodView } from '#model/kubernetes';
import { contentHash, type SetHash } from '#model/naming';
import { addressBits, formatAddress, formatPrefix } from '#model/net';
import { NODE_POLICY_SCHEMA, type NodeAddress, type NodeEndpoint, type NodeGroup, type NodePolicy } from '#model/node';
import type { Group, GroupName, PodKey } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { nodeOpenness } from './node-connections.js';
import type { HashedPermits } from './node-permits.js';
import { mergeSorted } from './sorted-entries.js';

// What slices are made of, whether all are made at once or the ones that differ.

/** What is equal for all nodes: one object, which all slices hold. */
export type SharedPart = Pick<NodePolicy, 'gateway' | 'groups' | 'addresses'>;

/** What only the slice of a node has, beside its permits. */
export interface LocalPart {
  readonly own: Pick<NodePolicy, 'schema' | 'node' | 'nodeAddresses' | 'endpoints'>;
  /** Equal for equal ones. */
  readonly digest: string;
}

/** Puts together what a node has for itself; endpoints sorted by pod. */
export function localPart(node: string, view: NodeView | undefined, endpoints: readonly NodeEndpoint[]): LocalPart {
  const nodeAddresses = (view?.addresses ?? []).map(formatAddress);
  const own = { schema: NODE_POLICY_SCHEMA, node, nodeAddresses, endpoints };
  return { own, digest: contentHash(JSON.stringify(own)) };
}

/** Puts the slice of a node together. Equal slices have equal revisions. */
export const sliceOf = (
  { own, digest }: LocalPart,
  permits: HashedPermits,
  { shared, revision }: { readonly shared: SharedPart; readonly revision: string },
): NodePolicy => ({
  ...own,
  revision: contentHash(`${revision} ${permits.digest} ${digest}`),
  ...shared,
  permits: permits.permits,
});

/** Revision of what all slices share; the hash is of the JSON texts of its groups and addresses. */
export const sharedRevision = (gateway: NodePolicy['gateway'], entries: SetHash): string =>
  contentHash(`${JSON.stringify(gateway)} ${entries.digits()}`);

export const gatewayOf = ({ bridgeDomain: { gateways, mac } }: FabricSettings): NodePolicy['gateway'] => ({
  addresses: gateways.map((gateway) => gateway.split('/')[0] ?? gateway),
  mac,
});

/** A pod of a node as its slice has it. */
export function endpointOf(
  pod: PodKey,
  view: PodView,
  { group, vlan }: { readonly group: GroupName; readonly vlan: number | undefined },
): NodeEndpoint {
  return { pod, ips: addressTexts(view), group, ...(vlan === undefined ? {} : { vlan }) };
}

/** The addresses of a pod of the group. */
export const podAddresses = (view: PodView | undefined, group: GroupName): readonly NodeAddress[] =>
  (view?.addresses ?? []).map((address) => ({
    prefix: `${formatAddress(address)}/${addressBits(address.family)}`,
    group,
  }));

/** The addresses of a group that is not in the cluster. */
export const outsideAddresses = (group: Group): readonly NodeAddress[] =>
  group.kind === 'pods' ? [] : group.prefixes.map((prefix) => ({ prefix: formatPrefix(prefix), group: group.name }));

/** Whether the group has an address; what has none neither sends nor receives. */
export const hasAddresses = (group: Group): boolean =>
  group.kind === 'pods' ? group.members.length > 0 : group.prefixes.length > 0;

/** A group as slices have it. */
export function nodeGroup(group: Group): NodeGroup {
  if (group.kind !== 'pods') return { kind: group.kind === 'external' ? 'external' : 'foreign', name: group.name };
  const { kind, name, egress, ingress } = group;
  return { kind, name, egress: nodeOpenness(egress), ingress: nodeOpenness(ingress) };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** All addresses by prefix: what is a pod's and in a prefix from outside as well is the pod's, who comes first. */
export const podsFirst = (pods: readonly NodeAddress[], outside: readonly NodeAddress[]): readonly NodeAddress[] =>
  mergeSorted(pods, outside, (a, b) => compare(a.prefix, b.prefix));

/** The order of addresses of one kind in slices. */
export const byAddress = (a: NodeAddress, b: NodeAddress): number =>
  compare(a.prefix, b.prefix) || compare(a.group, b.group);

/** The order of groups in slices: those of pods first. */
export const byGroup = (a: NodeGroup, b: NodeGroup): number =>
  Number(b.kind === 'pods') - Number(a.kind === 'pods') || compare(a.name, b.name);
