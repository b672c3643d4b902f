import type { ObjectMap } from '#model/aci';
import { bridgeDomainDn, type FabricSettings, vrfDn } from '#model/settings';

/** Dn of the VRF that the pods are in: the one that their bridge domain was resolved to. */
export function podVrf(objects: ObjectMap, settings: FabricSettings): string {
  const resolved = objects.get(`${bridgeDomainDn(settings)}/rsctx`)?.attributes['tDn'] ?? '';
  return resolved === '' ? vrfDn(settings) : resolved;
}
