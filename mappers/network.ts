import { type ManagedObject, managedObject } from '#model/aci';
import { parseAddress } from '#model/net';
import type { FabricSettings, SharedObject } from '#model/settings';
import { type FilterPlan } from './filters.js';
import { marked } from './marks.js';

/** Name of the contract that all EPGs of the VRF share. */
const VRF_WIDE = 'vrf-wide';

/**
 * What a NetworkPolicy leaves open and pods rely on: ICMP (policy.md N20), and later fragments of UDP datagrams, which
 * carry no ports (A18). TCP has path MTU discovery and is not fragmented.
 */
const VRF_WIDE_FILTERS: readonly FilterPlan[] = [
  { name: 'any-icmp', entry: { etherT: 'ip', prot: 'icmp' } },
  { name: 'any-icmpv6', entry: { etherT: 'ipv6', prot: 'icmpv6' } },
  { name: 'any-udp-fragment', entry: { etherT: 'ip', prot: 'udp', applyToFrag: 'yes' } },
];

/** Filters of the VRF-wide contract; none when it is not wanted. */
export const vrfWideFilters = (settings: FabricSettings): readonly FilterPlan[] =>
  settings.vrfWidePermits
    ? VRF_WIDE_FILTERS.map((filter) => ({ ...filter, name: `${contractPrefix(settings)}${filter.name}` }))
    : [];

/**
 * What stands before the names of contracts and filters: nothing in a tenant of our own; in an admin's tenant the cluster id, so
 * that two clusters in one tenant never want the same name (decision 4).
 */
export const contractPrefix = (settings: FabricSettings): string => prefixIn(settings.vrf, settings);

/** What stands before the names of external EPGs. */
export const externalPrefix = (settings: FabricSettings): string => prefixIn(settings.l3out, settings);

const prefixIn = (place: SharedObject, { clusterId, tenant }: FabricSettings): string =>
  tenant.own && (place.tenant ?? tenant.name) === tenant.name ? '' : `${clusterId}_`;

const vrfWideName = (settings: FabricSettings): string => `${contractPrefix(settings)}${VRF_WIDE}`;

/** The contract vzAny ⇄ vzAny; its relations are made with the VRF. */
export function vrfWideContract(settings: FabricSettings): ManagedObject {
  const { clusterId } = settings;
  const filters = vrfWideFilters(settings).map(({ name }) =>
    managedObject('vzRsSubjFiltAtt', { tnVzFilterName: name }),
  );
  const subject = managedObject('vzSubj', { name: 'all', revFltPorts: 'yes' }, filters);
  return marked(managedObject('vzBrCP', { name: vrfWideName(settings), scope: 'context' }, [subject]), clusterId, {
    sources: [],
  });
}

/**
 * The VRF, as far as it is ours or we hang something below it; undefined where neither is so. `wholeVrf` are relations of
 * vzAny to contracts of the policy.
 */
export function vrfObject(settings: FabricSettings, wholeVrf: readonly ManagedObject[]): ManagedObject | undefined {
  const { clusterId, vrf, vrfWidePermits } = settings;
  const permits = vrfWidePermits
    ? ['vzRsAnyToProv', 'vzRsAnyToCons'].map((name) => managedObject(name, { tnVzBrCPName: vrfWideName(settings) }))
    : [];
  const relations = [...permits, ...wholeVrf].map((relation) => marked(relation, clusterId, { sources: [] }));
  const below = relations.length === 0 ? [] : [managedObject('vzAny', {}, relations)];
  if (!vrf.own && below.length === 0) return undefined;
  if (!vrf.own) return managedObject('fvCtx', { name: vrf.name }, below);
  const own = marked(managedObject('fvCtx', { name: vrf.name, pcEnfPref: 'enforced' }), clusterId, { sources: [] });
  return { ...own, children: [...own.children, ...below] };
}

/** The bridge domain, routed without flooding: the hosts answer ARP, and every packet goes through the gateway (policy.md §3.6). */
export function bridgeDomainObject(settings: FabricSettings): ManagedObject {
  const { clusterId, bridgeDomain, vrf, l3out } = settings;
  const hasIpv4 = bridgeDomain.gateways.some((gateway) => parseAddress(gateway.split('/')[0] ?? '').family === 4);
  const attributes = {
    name: bridgeDomain.name,
    mac: bridgeDomain.mac,
    arpFlood: 'no',
    unicastRoute: 'yes',
    unkMacUcastAct: 'proxy',
    ...(hasIpv4 ? { ipLearning: 'yes' } : {}),
  };
  const subnets = bridgeDomain.gateways.map((ip) => managedObject('fvSubnet', { ip, scope: 'public' }));
  const object = managedObject('fvBD', attributes, [
    managedObject('fvRsCtx', { tnFvCtxName: vrf.name }),
    managedObject('fvRsBDToOut', { tnL3extOutName: l3out.name }),
    ...subnets,
  ]);
  return marked(object, clusterId, { sources: [] });
}
