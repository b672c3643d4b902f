import {
  comparePrefixes,
  formatAddress,
  formatPrefix,
  hostPrefix,
  type IpAddress,
  type Prefix,
  parseAddress,
  parsePrefix,
} from '#model/net';
import type { BridgeEndpoint, BridgeState, NodeEndpoint, NodePolicy } from '#model/node';
import { numberSets } from './connection-sets.js';
import { type GroupTags, tagGroups } from './group-tags.js';
import { grantedSets, openGroups, tagOpenGroups } from './openness.js';
import { permittedPairs, tagPermits } from './permits.js';
import type { DatapathView, GroupPrefix, LocalPod } from './view.js';

/** Order of texts that no locale changes. */
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Joins what the policy says of the node with what is plugged into its bridge. Interfaces of pods that the policy does not
 * know are left out: their port matches nothing. Throws InvalidInputError when an address of the policy is none.
 */
export function joinNode(policy: NodePolicy, bridge: BridgeState): DatapathView {
  const tags = tagGroups(policy);
  const groups = openGroups(policy.groups);
  const pairs = permittedPairs(policy.permits);
  const setOf = numberSets([...grantedSets(groups), ...pairs.map(({ allowed }) => allowed)]);
  return {
    gateway: { mac: policy.gateway.mac, addresses: ipv4Of(policy.gateway.addresses) },
    uplink: bridge.uplink,
    host: bridge.hostMac === undefined ? undefined : { mac: bridge.hostMac, addresses: ipv4Of(policy.nodeAddresses) },
    pods: localPods(policy, bridge.endpoints, tags),
    prefixes: groupPrefixes(policy, tags),
    groups: tagOpenGroups(groups, tags, setOf),
    permits: tagPermits(pairs, tags, setOf),
  };
}

const parseIpv4s = (texts: readonly string[]): readonly IpAddress[] =>
  texts.map(parseAddress).filter(({ family }) => family === 4);

const ipv4Of = (texts: readonly string[]): readonly string[] =>
  [...new Set(parseIpv4s(texts).map(formatAddress))].sort(byText);

/** Of two pods that claim one address the first by name has it: the other may neither send from it nor receive. */
function localPods(policy: NodePolicy, plugged: readonly BridgeEndpoint[], tags: GroupTags): readonly LocalPod[] {
  const endpoints = new Map(policy.endpoints.map((endpoint) => [endpoint.pod, endpoint]));
  const takenPods = new Set<string>();
  const takenAddresses = new Set<string>();
  const pods: LocalPod[] = [];
  for (const { pod, port, mac } of [...plugged].sort((a, b) => byText(a.pod, b.pod) || a.port - b.port)) {
    const endpoint = endpoints.get(pod);
    if (endpoint === undefined || takenPods.has(pod)) continue;
    takenPods.add(pod);
    const addresses = ipv4Of(endpoint.ips).filter((address) => !takenAddresses.has(address));
    for (const address of addresses) takenAddresses.add(address);
    pods.push({ pod, port, mac, addresses, group: tags.get(endpoint.group) ?? 0, vlan: endpoint.vlan });
  }
  return pods;
}

/** A pod of this node is in the group that its endpoint says, whatever the address list says of its address. */
function groupPrefixes(policy: NodePolicy, tags: GroupTags): readonly GroupPrefix[] {
  const byPrefix = new Map<string, GroupPrefix>();
  const offer = (prefix: Prefix, group: string): void => {
    const text = formatPrefix(prefix);
    if (prefix.family === 4 && !byPrefix.has(text)) byPrefix.set(text, { prefix, group: tags.get(group) ?? 0 });
  };
  const own = [...policy.endpoints].sort((a: NodeEndpoint, b: NodeEndpoint) => byText(a.pod, b.pod));
  for (const { ips, group } of own) for (const ip of parseIpv4s(ips)) offer(hostPrefix(ip), group);
  for (const { prefix, group } of policy.addresses) offer(parsePrefix(prefix), group);
  return [...byPrefix.values()].sort((a, b) => comparePrefixes(a.prefix, b.prefix));
}
