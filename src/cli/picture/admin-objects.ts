import type { ForeignEpgSetting } from '#config';
import { type FlatObject, flatten, type ManagedObject, managedObject, rnOfDn, splitDn, topDn } from '#model/aci';
import { contractTenantDn, type FabricSettings, l3outDn, tenantDn } from '#model/settings';

/**
 * Objects of an admin's that the gateway refers to and does not write, as far as they decide where traffic may go: the
 * VRF of the bridge domain, of the L3Out and of the foreign EPGs. Without an APIC they are taken to be as configured.
 */
export function adminObjects(settings: FabricSettings, foreign: readonly ForeignEpgSetting[]): readonly FlatObject[] {
  const { vrf, bridgeDomain, l3out } = settings;
  const own = tenantDn(settings);
  const inVrf = managedObject('fvBD', { name: bridgeDomain.name }, [
    managedObject('fvRsCtx', { tnFvCtxName: vrf.name }),
  ]);
  // What the fabric has learned is not known here.
  const known = foreign.filter(({ learned }) => !learned).map(({ dn }) => dn);
  const elsewhere = [...new Set(known.map(topDn))].filter((dn) => dn !== own);
  return [
    ...(vrf.own ? [] : below(contractTenantDn(settings), managedObject('fvCtx', { name: vrf.name }))),
    ...(bridgeDomain.own ? [] : below(own, inVrf)),
    ...(l3out.own ? [] : below(topDn(l3outDn(settings)), l3outIn(l3out.name, vrf.name))),
    ...elsewhere.flatMap((tenant) => below(tenant, inVrf)),
    ...known.flatMap((dn) => below(topDn(dn), foreignObject(dn, bridgeDomain.name))),
  ];
}

const below = (tenant: string, object: ManagedObject): readonly FlatObject[] => flatten(object, tenant);

const l3outIn = (name: string, vrf: string): ManagedObject =>
  managedObject('l3extOut', { name }, [managedObject('l3extRsEctx', { tnFvCtxName: vrf })]);

/** The EPG in the VRF, by a bridge domain of its own tenant's. */
function foreignObject(dn: string, bridgeDomain: string): ManagedObject {
  const profile = (splitDn(dn)[2] ?? '').replace(/^ap-/, '');
  const name = rnOfDn(dn).replace(/^epg-/, '');
  const group = managedObject('fvAEPg', { name }, [managedObject('fvRsBd', { tnFvBDName: bridgeDomain })]);
  return managedObject('fvAp', { name: profile }, [group]);
}
