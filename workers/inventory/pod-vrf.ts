import type { ObjectMap } from '#model/aci';
import type { FabricSettings } from '#model/settings';

/** Dn of the VRF that the pods are in: the one that their bridge domain was resolved to. */
export function podVrf(objects: ObjectMap, { tenant: { name }, bridgeDomain, vrf }: FabricSettings): string {
  const tenant = `uni/tn-${name}`;
  const resolved = objects.get(`${tenant}/BD-${bridgeDomain.name}/rsctx`)?.attributes['tDn'] ?? '';
  return resolved === '' ? `${tenant}/ctx-${vrf.name}` : resolved;
}
