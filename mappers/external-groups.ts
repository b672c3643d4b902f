import { type ManagedObject, managedObject, resolveDn } from '#model/aci';
import { aciName } from '#model/naming';
import { formatPrefix } from '#model/net';
import type { ExternalGroup, ForeignGroup, GroupFacts, GroupName } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { marked } from './marks.js';
import { namePrefix } from './network.js';

/** What an outside group's objects are built from, beside its facts. */
export interface OutsideContext {
  readonly settings: FabricSettings;
  readonly relations: readonly ManagedObject[];
  /** Policies behind its contracts. */
  readonly sources: readonly string[];
}

/** The L3Out with the external EPGs, one a group of outside addresses; the fabric matches the longest prefix (policy.md A5). */
export function l3outObject(settings: FabricSettings, instances: readonly ManagedObject[]): ManagedObject {
  const { clusterId, l3out, vrf } = settings;
  if (!l3out.own) return managedObject('l3extOut', { name: l3out.name }, instances);
  const context = managedObject('l3extRsEctx', { tnFvCtxName: vrf.name });
  const own = marked(managedObject('l3extOut', { name: l3out.name }, [context]), clusterId, { sources: [] });
  return { ...own, children: [...own.children, ...instances] };
}

/** Name of a group's external EPG. */
const externalName = (settings: FabricSettings, group: GroupName): string => aciName(`${namePrefix(settings)}${group}`);

/** Dn of a group's external EPG. */
export const externalDn = (settings: FabricSettings, group: GroupName): string =>
  `uni/tn-${settings.tenant.name}/out-${settings.l3out.name}/instP-${externalName(settings, group)}`;

/** The external EPG of a group of outside addresses. */
export function externalObject(group: ExternalGroup, { settings, relations, sources }: OutsideContext): ManagedObject {
  const name = externalName(settings, group.name);
  return marked(instanceObject(group, name, relations), settings.clusterId, { sources, joined: group.joined });
}

function instanceObject(group: ExternalGroup, name: string, relations: readonly ManagedObject[]): ManagedObject {
  const subnets = group.prefixes.map((prefix) =>
    managedObject('l3extSubnet', { ip: formatPrefix(prefix), scope: 'import-security' }),
  );
  return managedObject('l3extInstP', { name }, [...subnets, ...relations]);
}

/**
 * Relations on an EPG of VMs, bare metal or nodes, by a key, of all groups that are parts of it. The EPG is an admin's: only the
 * relations are ours, each marked.
 */
export function foreignRelations(
  parts: readonly Pick<OutsideContext, 'relations' | 'sources'>[],
  { clusterId }: FabricSettings,
): ReadonlyMap<string, ManagedObject> {
  const own = new Map<string, ManagedObject>();
  for (const { relations, sources } of parts) {
    for (const relation of relations) {
      const key = `${relation.className} ${relation.attributes['tnVzBrCPName']}`;
      own.set(key, marked(relation, clusterId, { sources }));
    }
  }
  return own;
}

/** Whether the group is an admin's on the APIC. */
export const isForeign = (group: GroupFacts): group is ForeignGroup =>
  group.kind === 'foreign' || group.kind === 'nodes';

/** The steps from the tenant to the group, bare, with the relations: the group must be there already. */
export function foreignPath(dn: string, relations: readonly ManagedObject[]): ManagedObject | undefined {
  const resolved = resolveDn(dn);
  const [above, group] = resolved.ok ? resolved.steps.slice(2) : [];
  if (relations.length === 0 || above === undefined || group === undefined) return undefined;
  return managedObject(above.className, above.naming, [managedObject(group.className, group.naming, relations)]);
}
