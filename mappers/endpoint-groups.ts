import { type ManagedObject, managedObject } from '#model/aci';
import type { CompiledPolicy, GroupName, PodGroup } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { marked } from './marks.js';

/** Contract relations, by the name of the group that they hang below. */
export type RelationsByGroup = ReadonlyMap<GroupName, readonly ManagedObject[]>;

/** What the groups' objects are built from. */
export interface GroupContext {
  readonly settings: FabricSettings;
  readonly relations: RelationsByGroup;
  readonly enforced: ReadonlySet<GroupName>;
}

/** The application profile with one EPG a group of pods. */
export function groupObjects(compiled: CompiledPolicy, context: GroupContext): ManagedObject {
  const { clusterId, applicationProfile } = context.settings;
  const groups = compiled.groups.filter((group) => group.kind === 'pods');
  const profile = marked(managedObject('fvAp', { name: applicationProfile }), clusterId, { sources: [] });
  const epgs = groups.map((group) => {
    const signature = compiled.allocation.groups.get(group.name)?.signature ?? '';
    return marked(epgObject(group, context, context.relations.get(group.name) ?? []), clusterId, {
      sources: [sourceOf(group)],
      signature,
      joined: group.joined,
    });
  });
  return { ...profile, children: [...profile.children, ...epgs] };
}

/** Dn of a group's EPG. */
export const epgDn = ({ tenant, applicationProfile }: FabricSettings, group: GroupName): string =>
  `uni/tn-${tenant.name}/ap-${applicationProfile}/epg-${group}`;

function epgObject(
  group: PodGroup,
  { settings, enforced }: GroupContext,
  relations: readonly ManagedObject[],
): ManagedObject {
  const place = group.namespace === undefined ? 'pods of any namespace' : `namespace ${group.namespace}`;
  const descr = group.workload === undefined ? place : `${group.workload} in ${group.namespace}`;
  const attributes = {
    name: group.name,
    descr: descr.slice(0, 128),
    pcEnfPref: enforced.has(group.name) ? 'enforced' : 'unenforced',
  };
  return managedObject('fvAEPg', attributes, [
    managedObject('fvRsBd', { tnFvBDName: settings.bridgeDomain.name }),
    managedObject('fvRsDomAtt', { tDn: `uni/phys-${settings.physicalDomain.name}` }),
    ...relations,
  ]);
}

const sourceOf = (group: PodGroup): string => {
  if (group.namespace === undefined) return 'none';
  if (group.workload === undefined) return `Namespace/${group.namespace}`;
  const [kind, name] = group.workload.split('/');
  return `${kind}/${group.namespace}/${name}`;
};
