import { type ManagedObject, managedObject } from '#model/aci';
import type { CompiledPolicy } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import type { Encoding, PlacedObjects } from './encoding.js';
import { epgDn } from './endpoint-groups.js';
import { marked } from './marks.js';

/**
 * Encoding C1 (policy.md §3.13): every group has one VLAN, bound once at the AEP, on all ports that have it. A pod that
 * starts writes nothing.
 */
export function profileEncoding(compiled: CompiledPolicy, settings: FabricSettings): Encoding {
  const dn = profileDn(settings);
  const bindings = new Map(
    compiled.groups.flatMap((group) => {
      if (group.kind !== 'pods' || group.vlan === undefined) return [];
      const object = bindingObject(epgDn(settings, group.name), group.vlan, settings);
      return [[group.name, { vlan: group.vlan, object }] as const];
    }),
  );
  const all = [...bindings.values()].map(({ object }) => object);
  return {
    kind: 'aep',
    bind: (group) => {
      const known = bindings.get(group);
      return known === undefined ? undefined : { vlan: known.vlan, objects: new Map([[dn, [known.object]]]) };
    },
    paths: () => [],
    member: () => NO_OBJECTS,
    below: (parent) => (parent === dn ? all : []),
  };
}

/** Nothing to place: the VLAN on the frames says it all. */
export const NO_OBJECTS: PlacedObjects = new Map();

/** Dn of the object that holds the bindings of the AEP (aci-model.md §2.2). */
export const profileDn = ({ attachableEntityProfile }: FabricSettings): string =>
  `uni/infra/attentp-${attachableEntityProfile.name}/gen-default`;

function bindingObject(tDn: string, vlan: number, { clusterId }: FabricSettings): ManagedObject {
  const attributes = { tDn, encap: `vlan-${vlan}`, mode: 'regular', instrImedcy: 'immediate' };
  return marked(managedObject('infraRsFuncToEpg', attributes), clusterId, { sources: [] });
}
