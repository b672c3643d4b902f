import { type ManagedObject, managedObject } from '#model/aci';
import type { GroupFacts, GroupName } from '#model/policy';
import { type FabricSettings, profileDn } from '#model/settings';
import { marked } from './marks.js';

/** What an EPG is built from, beside the facts of its group. */
export interface GroupContext {
  readonly settings: FabricSettings;
  readonly relations: readonly ManagedObject[];
  /** Whether the group's members are kept apart. */
  readonly enforced: boolean;
  readonly signature: string;
}

type PodGroupFacts = Extract<GroupFacts, { readonly kind: 'pods' }>;

/** Dn of a group's EPG. */
export const epgDn = (settings: FabricSettings, group: GroupName): string => `${profileDn(settings)}/epg-${group}`;

/** The EPG of a group of pods. */
export function epgObject(
  group: PodGroupFacts,
  { settings, relations, enforced, signature }: GroupContext,
): ManagedObject {
  const place = group.namespace === undefined ? 'pods of any namespace' : `namespace ${group.namespace}`;
  const descr = group.workload === undefined ? place : `${group.workload} in ${group.namespace}`;
  const attributes = {
    name: group.name,
    descr: descr.slice(0, 128),
    pcEnfPref: enforced ? 'enforced' : 'unenforced',
  };
  const object = managedObject('fvAEPg', attributes, [
    managedObject('fvRsBd', { tnFvBDName: settings.bridgeDomain.name }),
    managedObject('fvRsDomAtt', { tDn: `uni/phys-${settings.physicalDomain.name}` }),
    ...relations,
  ]);
  return marked(object, settings.clusterId, {
    sources: [sourceOf(group)],
    signature,
    joined: group.joined,
    vni: group.vni,
  });
}

const sourceOf = (group: PodGroupFacts): string => {
  if (group.namespace === undefined) return 'none';
  if (group.workload === undefined) return `Namespace/${group.namespace}`;
  const [kind, name] = group.workload.split('/');
  return `${kind}/${group.namespace}/${name}`;
};
