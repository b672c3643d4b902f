import type { ManagedObject } from '#model/aci';
import type { CompiledPolicy, GroupName } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { bindingObject, bindingsDn } from './access.js';
import { type Encoding, NO_OBJECTS } from './encoding.js';

/**
 * Encoding C1 (policy.md §3.13): every group has one VLAN, bound once at the AEP, on all ports that have it. A pod that
 * starts writes nothing.
 */
export function profileEncoding(compiled: CompiledPolicy, settings: FabricSettings): Encoding {
  const dn = bindingsDn(settings);
  const vlans = new Map(compiled.groups.map((group) => [group.name, group.kind === 'pods' ? group.vlan : undefined]));
  const bound = (name: GroupName): readonly ManagedObject[] => {
    const object = bindingObject({ name, vlan: vlans.get(name) }, settings);
    return object === undefined ? [] : [object];
  };
  return {
    kind: 'aep',
    vlan: (group) => vlans.get(group),
    bind: (group) => new Map([[dn, bound(group)]]),
    paths: () => [],
    member: () => NO_OBJECTS,
    below: (parent) => (parent === dn ? [...vlans.keys()].flatMap(bound) : []),
  };
}
