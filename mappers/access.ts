import { type ManagedObject, managedObject } from '#model/aci';
import type { FabricSettings } from '#model/settings';
import type { Encoding } from './encoding.js';
import { marked } from './marks.js';
import { profileDn } from './profile-encoding.js';

/** VLAN pool, physical domain and AEP as far as they are ours, with the groups that the encoding binds at the AEP. */
export function accessObjects(settings: FabricSettings, encoding: Encoding): readonly ManagedObject[] {
  const { clusterId, physicalDomain, vlanPool } = settings;
  const poolDn = `uni/infra/vlanns-[${vlanPool.name}]-static`;
  const domain = managedObject('physDomP', { name: physicalDomain.name }, [
    managedObject('infraRsVlanNs', { tDn: poolDn }),
  ]);
  const pool = vlanPool.own ? [marked(poolObject(settings), clusterId, { sources: [] })] : [];
  return [
    ...(physicalDomain.own ? [marked(domain, clusterId, { sources: [] })] : []),
    managedObject('infraInfra', {}, [...pool, profileObject(settings, encoding)]),
  ];
}

function poolObject({ vlanPool }: FabricSettings): ManagedObject {
  const { name, from, to } = vlanPool;
  const block = managedObject('fvnsEncapBlk', { from: `vlan-${from}`, to: `vlan-${to}`, allocMode: 'static' });
  return managedObject('fvnsVlanInstP', { name, allocMode: 'static' }, [block]);
}

function profileObject(settings: FabricSettings, encoding: Encoding): ManagedObject {
  const { attachableEntityProfile, clusterId, physicalDomain } = settings;
  const bindings = managedObject('infraGeneric', { name: 'default' }, encoding.below(profileDn(settings)));
  const attributes = { name: attachableEntityProfile.name };
  if (!attachableEntityProfile.own) return managedObject('infraAttEntityP', attributes, [bindings]);
  const domain = managedObject('infraRsDomP', { tDn: `uni/phys-${physicalDomain.name}` });
  const own = marked(managedObject('infraAttEntityP', attributes, [domain]), clusterId, { sources: [] });
  return { ...own, children: [...own.children, bindings] };
}
