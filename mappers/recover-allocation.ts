import { type FlatObject, MARK_KEYS, markDn } from '#model/aci';
import type { AllocatedGroup, Allocation } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { epgDn } from './endpoint-groups.js';

/**
 * Reads names, VLANs and signatures back from the EPGs that this cluster owns: a gateway that starts anew gives every
 * group what it had (policy.md §3.9). Who was where is not in the fabric; signatures stand in for it. Pure.
 */
export function recoverAllocation(objects: ReadonlyMap<string, FlatObject>, settings: FabricSettings): Allocation {
  const vlans = boundVlans(objects);
  const groups = new Map<string, AllocatedGroup>();
  for (const object of objects.values()) {
    const name = object.attributes['name'] ?? '';
    if (object.className !== 'fvAEPg' || object.dn !== epgDn(settings, name)) continue;
    const owner = objects.get(markDn(object.dn, MARK_KEYS.owner))?.attributes['value'];
    const vlan = vlans.get(object.dn);
    if (owner !== settings.clusterId || vlan === undefined) continue;
    const signature = objects.get(markDn(object.dn, MARK_KEYS.signature))?.attributes['value'] ?? '';
    groups.set(name, { name, vlan, signature });
  }
  // A group of a workload shows that the cluster was split by workload: '.' is in no namespace's name.
  const preSplit = groups.size === 0 ? undefined : [...groups.keys()].some((name) => name.includes('.'));
  return { groups, membership: new Map(), preSplit };
}

/** VLAN of every EPG that is bound at an AEP. */
function boundVlans(objects: ReadonlyMap<string, FlatObject>): ReadonlyMap<string, number> {
  const vlans = new Map<string, number>();
  for (const { className, attributes } of objects.values()) {
    const vlan = /^vlan-(\d+)$/.exec(attributes['encap'] ?? '');
    if (className === 'infraRsFuncToEpg' && vlan !== null) vlans.set(attributes['tDn'] ?? '', Number(vlan[1]));
  }
  return vlans;
}
