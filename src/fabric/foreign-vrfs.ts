import { lookupDns, type ObjectMap, parentDn } from '#model/aci';
import type { Finding } from '#model/policy';

/**
 * Groups of admins that are in another VRF than the pods: a contract of the scope `context` holds within one VRF, so that nothing
 * passes by it (policy.md A11). One finding each; none for a group that is not there, or whose VRF is not known.
 *
 * @param dns Dns of EPGs and external EPGs
 * @param vrf Dn of the pods' VRF
 */
export const foreignVrfFindings = (objects: ObjectMap, dns: Iterable<string>, vrf: string): readonly Finding[] =>
  [...new Set(dns)].sort().flatMap((dn) => {
    const its = vrfOfGroup(objects, dn);
    return its === undefined || its === vrf ? [] : [findingOf(dn, its, vrf)];
  });

const findingOf = (dn: string, its: string, vrf: string): Finding => ({
  code: 'FOREIGN_VRF',
  severity: 'error',
  object: `ACI/${dn}`,
  message: `the group is in VRF ${its}, the pods are in ${vrf}: contracts between them open nothing, whatever policies allow. Put the group into the pods' VRF, or take it out of fabric.foreignEpgs (fabric.nodes)`,
});

/** Dn of the VRF that the group's bridge domain or L3Out is in, as the APIC resolved it, else by name. */
function vrfOfGroup(objects: ObjectMap, dn: string): string | undefined {
  const group = objects.get(dn);
  if (group === undefined) return undefined;
  if (group.className === 'l3extInstP') {
    return resolved(objects, `${parentDn(dn) ?? ''}/rsectx`, 'tnFvCtxName', 'ctx-');
  }
  const bridgeDomain = resolved(objects, `${dn}/rsbd`, 'tnFvBDName', 'BD-');
  return bridgeDomain === undefined ? undefined : resolved(objects, `${bridgeDomain}/rsctx`, 'tnFvCtxName', 'ctx-');
}

/** The target of a relation by name: in its own tenant, then in `common` (apic-protocol.md §6.3), of what is known. */
function resolved(objects: ObjectMap, relation: string, property: string, start: string): string | undefined {
  const { [property]: name = '', tDn = '' } = objects.get(relation)?.attributes ?? {};
  if (tDn !== '') return tDn;
  if (name === '') return undefined;
  return lookupDns(relation, `${start}${name}`).find((target) => objects.has(target));
}
