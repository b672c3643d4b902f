import { type ManagedObject, managedObject } from '#model/aci';
import type { CompiledPolicy, GroupName, PodGroup } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import type { ContractPlan } from './contracts.js';
import { marked } from './marks.js';

/** What the groups' objects are built from. */
export interface GroupContext {
  readonly settings: FabricSettings;
  readonly contracts: readonly ContractPlan[];
  readonly enforced: ReadonlySet<GroupName>;
}

/** The application profile with one EPG a group of pods. */
export function groupObjects(compiled: CompiledPolicy, context: GroupContext): ManagedObject {
  const { clusterId, applicationProfile } = context.settings;
  const relations = relationsByGroup(context.contracts);
  const groups = compiled.groups.filter((group) => group.kind === 'pods');
  const profile = marked(managedObject('fvAp', { name: applicationProfile }), clusterId, { sources: [] });
  const epgs = groups.map((group) => {
    const signature = compiled.allocation.groups.get(group.name)?.signature ?? '';
    return marked(epgObject(group, context, relations.get(group.name) ?? []), clusterId, {
      sources: [sourceOf(group)],
      signature,
    });
  });
  return { ...profile, children: [...profile.children, ...epgs] };
}

/** Dn of a group's EPG. */
export const epgDn = ({ tenant, applicationProfile }: FabricSettings, group: GroupName): string =>
  `uni/tn-${tenant.name}/ap-${applicationProfile}/epg-${group}`;

/** Contract relations of every group: provider, consumers, and among its own members. */
export function relationsByGroup(contracts: readonly ContractPlan[]): ReadonlyMap<GroupName, readonly ManagedObject[]> {
  const relations = new Map<GroupName, ManagedObject[]>();
  const add = (group: GroupName, className: string, contract: string): void => {
    const list = relations.get(group) ?? [];
    list.push(managedObject(className, { tnVzBrCPName: contract }));
    relations.set(group, list);
  };
  for (const { name, provider, consumers, intra } of contracts) {
    if (consumers.size > 0) add(provider, 'fvRsProv', name);
    for (const consumer of [...consumers].sort()) add(consumer, 'fvRsCons', name);
    if (intra) add(provider, 'fvRsIntraEpg', name);
  }
  return relations;
}

function epgObject(
  group: PodGroup,
  { settings, enforced }: GroupContext,
  relations: readonly ManagedObject[],
): ManagedObject {
  const descr =
    group.workload === undefined ? `namespace ${group.namespace}` : `${group.workload} in ${group.namespace}`;
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
  if (group.workload === undefined) return `Namespace/${group.namespace}`;
  const [kind, name] = group.workload.split('/');
  return `${kind}/${group.namespace}/${name}`;
};
