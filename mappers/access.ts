import { type ManagedObject, managedObject } from '#model/aci';
import type { CompiledPolicy } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { epgDn } from './endpoint-groups.js';
import { marked } from './marks.js';

/**
 * VLAN pool, physical domain and AEP as far as they are ours, and the binding of every EPG to its VLAN at the AEP: one
 * object binds the group on all ports (encoding C1, aci-model.md §2.2).
 */
export function accessObjects(compiled: CompiledPolicy, settings: FabricSettings): readonly ManagedObject[] {
  const { clusterId, physicalDomain, vlanPool } = settings;
  const poolDn = `uni/infra/vlanns-[${vlanPool.name}]-static`;
  const domain = managedObject('physDomP', { name: physicalDomain.name }, [
    managedObject('infraRsVlanNs', { tDn: poolDn }),
  ]);
  const pool = vlanPool.own ? [marked(poolObject(settings), clusterId, { sources: [] })] : [];
  return [
    ...(physicalDomain.own ? [marked(domain, clusterId, { sources: [] })] : []),
    managedObject('infraInfra', {}, [...pool, profileObject(compiled, settings)]),
  ];
}

function poolObject({ vlanPool }: FabricSettings): ManagedObject {
  const { name, from, to } = vlanPool;
  const block = managedObject('fvnsEncapBlk', { from: `vlan-${from}`, to: `vlan-${to}`, allocMode: 'static' });
  return managedObject('fvnsVlanInstP', { name, allocMode: 'static' }, [block]);
}

function profileObject(compiled: CompiledPolicy, settings: FabricSettings): ManagedObject {
  const { attachableEntityProfile, clusterId, physicalDomain } = settings;
  const bindings = managedObject('infraGeneric', { name: 'default' }, bindingObjects(compiled, settings));
  const attributes = { name: attachableEntityProfile.name };
  if (!attachableEntityProfile.own) return managedObject('infraAttEntityP', attributes, [bindings]);
  const domain = managedObject('infraRsDomP', { tDn: `uni/phys-${physicalDomain.name}` });
  const own = marked(managedObject('infraAttEntityP', attributes, [domain]), clusterId, { sources: [] });
  return { ...own, children: [...own.children, bindings] };
}

function bindingObjects(compiled: CompiledPolicy, settings: FabricSettings): readonly ManagedObject[] {
  return compiled.groups.flatMap((group) => {
    if (group.kind !== 'pods' || group.vlan === undefined) return [];
    const attributes = {
      tDn: epgDn(settings, group.name),
      encap: `vlan-${group.vlan}`,
      mode: 'regular',
      instrImedcy: 'immediate',
    };
    return [marked(managedObject('infraRsFuncToEpg', attributes), settings.clusterId, { sources: [] })];
  });
}
