import { DEFAULT_LIMITS, type FabricSettings } from '#model/settings';

/** Settings of a cluster `test` that owns everything it needs. */
export const OWN_FABRIC: FabricSettings = {
  clusterId: 'test',
  tenant: { name: 'k8s', own: true },
  vrf: { name: 'k8s', own: true },
  applicationProfile: 'k8s-test',
  bridgeDomain: { name: 'pods', own: true, gateways: ['10.244.0.1/16'], mac: '00:22:BD:F8:19:FF' },
  physicalDomain: { name: 'k8s-test', own: true },
  attachableEntityProfile: { name: 'k8s-test', own: true },
  vlanPool: { name: 'k8s-test', own: true, from: 100, to: 999 },
  l3out: { name: 'external', own: true },
  vrfWidePermits: true,
  vzAnyContracts: 'auto',
  encoding: 'aep',
  hostPaths: [],
  budget: { hostPortsPerLeaf: 10, limits: DEFAULT_LIMITS },
};

/** Those of a cluster with a tenant of its own in a VRF and L3Out of tenant `common`, that relates to groups of tenant `vms`. */
export const SHARED_VRF: FabricSettings = {
  ...OWN_FABRIC,
  vrf: { name: 'shared', own: false, tenant: 'common' },
  l3out: { name: 'wan', own: false, tenant: 'common' },
  foreignTenants: ['vms'],
};
