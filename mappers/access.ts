import { type ManagedObject, managedObject } from '#model/aci';
import type { GroupName } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { epgDn } from './endpoint-groups.js';
import { marked } from './marks.js';

/** Dn of what the bindings of the EPGs hang below. */
export const bindingsDn = ({ attachableEntityProfile }: FabricSettings): string =>
  `uni/infra/attentp-${attachableEntityProfile.name}/gen-default`;

/**
 * VLAN pool, physical domain and AEP as far as they are ours, and the bindings of the EPGs to their VLANs at the AEP: one
 * object binds a group on all ports (encoding C1, aci-model.md §2.2).
 */
export function accessObjects(settings: FabricSettings, bindings: readonly ManagedObject[]): readonly ManagedObject[] {
  const { clusterId, physicalDomain, vlanPool } = settings;
  const poolDn = `uni/infra/vlanns-[${vlanPool.name}]-static`;
  const domain = managedObject('physDomP', { name: physicalDomain.name }, [
    managedObject('infraRsVlanNs', { tDn: poolDn }),
  ]);
  const pool = vlanPool.own ? [marked(poolObject(settings), clusterId, { sources: [] })] : [];
  return [
    ...(physicalDomain.own ? [marked(domain, clusterId, { sources: [] })] : []),
    managedObject('infraInfra', {}, [...pool, profileObject(settings, bindings)]),
  ];
}

function poolObject({ vlanPool }: FabricSettings): ManagedObject {
  const { name, from, to } = vlanPool;
  const block = managedObject('fvnsEncapBlk', { from: `vlan-${from}`, to: `vlan-${to}`, allocMode: 'static' });
  return managedObject('fvnsVlanInstP', { name, allocMode: 'static' }, [block]);
}

function profileObject(settings: FabricSettings, bound: readonly ManagedObject[]): ManagedObject {
  const { attachableEntityProfile, clusterId, physicalDomain } = settings;
  const bindings = managedObject('infraGeneric', { name: 'default' }, bound);
  const attributes = { name: attachableEntityProfile.name };
  if (!attachableEntityProfile.own) return managedObject('infraAttEntityP', attributes, [bindings]);
  const domain = managedObject('infraRsDomP', { tDn: `uni/phys-${physicalDomain.name}` });
  const own = marked(managedObject('infraAttEntityP', attributes, [domain]), clusterId, { sources: [] });
  return { ...own, children: [...own.children, bindings] };
}

/** The binding of a group of pods to its VLAN; undefined for one that has none. */
export function bindingObject(
  { name, vlan }: { readonly name: GroupName; readonly vlan: number | undefined },
  settings: FabricSettings,
): ManagedObject | undefined {
  if (vlan === undefined) return undefined;
  const attributes = {
    tDn: epgDn(settings, name),
    encap: `vlan-${vlan}`,
    mode: 'regular',
    instrImedcy: 'immediate',
  };
  return marked(managedObject('infraRsFuncToEpg', attributes), settings.clusterId, { sources: [] });
}
