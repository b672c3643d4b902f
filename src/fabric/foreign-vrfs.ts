import type { ObjectMap } from '#model/aci';
import type { Finding } from '#model/policy';
import { vrfOf } from './group-vrf.js';

/**
 * Groups of admins that are in another VRF than the pods: a contract of the scope `context` holds within one VRF, so that nothing
 * passes by it (policy.md A11). One finding each; none for a group that is not there, or whose VRF is not known.
 *
 * @param dns Dns of EPGs and external EPGs
 * @param vrf Dn of the pods' VRF
 */
export const foreignVrfFindings = (objects: ObjectMap, dns: Iterable<string>, vrf: string): readonly Finding[] =>
  [...new Set(dns)].sort().flatMap((dn) => {
    const its = vrfOf(objects, dn);
    return its === undefined || its === vrf ? [] : [findingOf(dn, its, vrf)];
  });

const findingOf = (dn: string, its: string, vrf: string): Finding => ({
  code: 'FOREIGN_VRF',
  severity: 'error',
  object: `ACI/${dn}`,
  message: `the group is in VRF ${its}, the pods are in ${vrf}: contracts between them open nothing, whatever policies allow. Put the group into the pods' VRF, or take it out of fabric.foreignEpgs (fabric.nodes)`,
});
