import { type FlatObject, MARK_KEYS, markDn, type ObjectMap, ownerOf, parentDn } from '#model/aci';
import { type AllocatedGroup, type Allocation, EMPTY_ALLOCATION, type GroupName, type VlanSpace } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { epgDn } from './endpoint-groups.js';
import { HostPathTable } from './host-paths.js';

/**
 * Reads names, VLANs and signatures back from the EPGs that this cluster owns: a gateway that starts anew gives every
 * group what it had (policy.md §3.9), at the AEP and on the paths of its hosts. Who was where is not in the fabric;
 * signatures stand in for it. Pure.
 */
export function recoverAllocation(objects: ObjectMap, settings: FabricSettings): Allocation {
  const vlans = profileVlans(objects);
  const groups = new Map<string, AllocatedGroup>();
  for (const object of objects.values()) {
    const name = object.attributes['name'] ?? '';
    if (object.className !== 'fvAEPg' || object.dn !== epgDn(settings, name)) continue;
    const owner = ownerOf(objects, object.dn);
    if (owner !== settings.clusterId) continue;
    const signature = objects.get(markDn(object.dn, MARK_KEYS.signature))?.attributes['value'] ?? '';
    const vni = numberIn(objects.get(markDn(object.dn, MARK_KEYS.vni))?.attributes['value']);
    groups.set(name, { name, vlan: vlans.get(object.dn), ...(vni === undefined ? {} : { vni }), signature });
  }
  // A group of a workload shows that the cluster was split by workload: '.' is in no namespace's name.
  const preSplit = groups.size === 0 ? undefined : [...groups.keys()].some((name) => name.includes('.'));
  return { ...EMPTY_ALLOCATION, groups, preSplit, spaces: pathVlans(objects, groups, settings) };
}

/** VLAN of every EPG that is bound at an AEP. */
function profileVlans(objects: ObjectMap): ReadonlyMap<string, number> {
  const vlans = new Map<string, number>();
  for (const { className, attributes } of objects.values()) {
    const vlan = vlanOf(attributes);
    if (className === 'infraRsFuncToEpg' && vlan !== undefined) vlans.set(attributes['tDn'] ?? '', vlan);
  }
  return vlans;
}

/** VLANs of the groups in every VLAN space, from the paths that they are bound on. Of two claims the first counts. */
function pathVlans(
  objects: ObjectMap,
  groups: ReadonlyMap<GroupName, AllocatedGroup>,
  settings: FabricSettings,
): Allocation['spaces'] {
  const table = new HostPathTable(settings.hostPaths);
  const names = new Map([...groups.keys()].map((name) => [epgDn(settings, name), name]));
  const spaces = new Map<string, { readonly bound: Map<GroupName, number>; readonly resting: VlanSpace['resting'] }>();
  for (const { className, dn, attributes } of objects.values()) {
    const group = className === 'fvRsPathAtt' ? names.get(parentDn(dn) ?? '') : undefined;
    const vlan = vlanOf(attributes);
    if (group === undefined || vlan === undefined) continue;
    const path = attributes['tDn'] ?? '';
    const touched = table.spacesOf(path);
    for (const name of touched.length === 0 ? [path] : touched) {
      const space = spaces.get(name) ?? { bound: new Map<GroupName, number>(), resting: new Map() };
      if (!space.bound.has(group)) space.bound.set(group, vlan);
      spaces.set(name, space);
    }
  }
  return spaces;
}

/** The number that a mark holds; undefined for a text that is none. */
const numberIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^[0-9]{1,8}$/.test(text) ? Number(text) : undefined;

function vlanOf(attributes: FlatObject['attributes']): number | undefined {
  const vlan = /^vlan-(\d+)$/.exec(attributes['encap'] ?? '');
  return vlan === null ? undefined : Number(vlan[1]);
}
