import type { FabricSettings } from './fabric-settings.js';

/** Dn of the gateway's tenant. */
export const tenantDn = ({ tenant }: FabricSettings): string => `uni/tn-${tenant.name}`;

/** Dn of the application profile with the EPGs of the pods. */
export const profileDn = (settings: FabricSettings): string =>
  `${tenantDn(settings)}/ap-${settings.applicationProfile}`;

/** Dn of the pods' bridge domain. */
export const bridgeDomainDn = (settings: FabricSettings): string =>
  `${tenantDn(settings)}/BD-${settings.bridgeDomain.name}`;

/**
 * Dn of the tenant of the contracts and filters: that of the VRF (decision 20). In `common` they are found from every tenant whose
 * groups can be in a VRF there, and by its vzAny.
 */
export const contractTenantDn = ({ tenant, vrf }: FabricSettings): string => `uni/tn-${vrf.tenant ?? tenant.name}`;

/** Dn of the VRF. */
export const vrfDn = (settings: FabricSettings): string => `${contractTenantDn(settings)}/ctx-${settings.vrf.name}`;

/** Dn of a contract of the gateway's. */
export const contractDn = (settings: FabricSettings, name: string): string =>
  `${contractTenantDn(settings)}/brc-${name}`;

/** Dn of the tenant of the L3Out. */
const l3outTenantDn = ({ tenant, l3out }: FabricSettings): string => `uni/tn-${l3out.tenant ?? tenant.name}`;

/** Dn of the L3Out. */
export const l3outDn = (settings: FabricSettings): string => `${l3outTenantDn(settings)}/out-${settings.l3out.name}`;

/** Dns of the tenants that hold what the configuration names: the gateway's own first. */
export const namedTenantDns = (settings: FabricSettings): readonly string[] => [
  ...new Set([tenantDn, contractTenantDn, l3outTenantDn].map((dnOf) => dnOf(settings))),
];

/** Dns of the tenants, beside the gateway's own, in which the gateway writes something or relates to something. */
export function otherTenantDns(settings: FabricSettings): readonly string[] {
  const foreign = (settings.foreignTenants ?? []).map((name) => `uni/tn-${name}`);
  return [...new Set([...namedTenantDns(settings), ...foreign])].filter((dn) => dn !== tenantDn(settings));
}
