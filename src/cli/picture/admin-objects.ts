import type { ForeignEpgSetting } from '#config';
import { type FlatObject, flatten, type ManagedObject, managedObject, rnOfDn, splitDn } from '#model/aci';
import type { FabricSettings } from '#model/settings';

/**
 * Objects of an admin's that the gateway refers to and does not write, as far as they decide where traffic may go: the
 * VRF of the bridge domain, of the L3Out and of the foreign EPGs. Without an APIC they are taken to be as configured.
 */
export function adminObjects(
  { tenant, vrf, bridgeDomain, l3out }: FabricSettings,
  foreign: readonly ForeignEpgSetting[],
): readonly FlatObject[] {
  const inVrf = managedObject('fvRsCtx', { tnFvCtxName: vrf.name });
  const children: readonly ManagedObject[] = [
    ...(vrf.own ? [] : [managedObject('fvCtx', { name: vrf.name })]),
    ...(bridgeDomain.own ? [] : [managedObject('fvBD', { name: bridgeDomain.name }, [inVrf])]),
    ...(l3out.own
      ? []
      : [managedObject('l3extOut', { name: l3out.name }, [managedObject('l3extRsEctx', { tnFvCtxName: vrf.name })])]),
    // What the fabric has learned is not known here.
    ...foreign.filter(({ learned }) => !learned).map(({ dn }) => foreignObject(dn, bridgeDomain.name, vrf.name)),
  ];
  return flatten(managedObject('fvTenant', { name: tenant.name }, children), 'uni').slice(1);
}

function foreignObject(dn: string, bridgeDomain: string, vrf: string): ManagedObject {
  const profile = (splitDn(dn)[2] ?? '').replace(/^ap-/, '');
  const name = rnOfDn(dn).replace(/^(epg|esg)-/, '');
  const group = rnOfDn(dn).startsWith('esg-')
    ? managedObject('fvESg', { name }, [managedObject('fvRsScope', { tnFvCtxName: vrf })])
    : managedObject('fvAEPg', { name }, [managedObject('fvRsBd', { tnFvBDName: bridgeDomain })]);
  return managedObject('fvAp', { name: profile }, [group]);
}
