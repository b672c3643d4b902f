import { childDn, type FlatObject, type ManagedObject, managedObject, resolveDn, rnFor } from '#model/aci';
import { aciName } from '#model/naming';
import { formatPrefix } from '#model/net';
import type { ExternalGroup, ForeignGroup, GroupFacts, GroupName } from '#model/policy';
import { type FabricSettings, l3outDn } from '#model/settings';
import { marked } from './marks.js';
import { externalPrefix } from './network.js';

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
const externalName = (settings: FabricSettings, group: GroupName): string =>
  aciName(`${externalPrefix(settings)}${group}`);

/** Dn of a group's external EPG. */
export const externalDn = (settings: FabricSettings, group: GroupName): string =>
  childDn(l3outDn(settings), rnFor('l3extInstP', { name: externalName(settings, group) }));

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

/** The relations below the group and what it is in, bare, but for its tenant: all that must be there already. */
export function foreignPath(dn: string, relations: readonly ManagedObject[]): readonly ManagedObject[] {
  const steps = foreignSteps(dn).slice(1).reverse();
  return steps.reduce((below, { className, attributes }) => [managedObject(className, attributes, below)], relations);
}

/** The tenant of the group, what it is in there, and the group: bare, each a step on the way to our relations. */
export function foreignSteps(dn: string): readonly FlatObject[] {
  const resolved = resolveDn(dn);
  const steps = resolved.ok ? resolved.steps.slice(1) : [];
  return steps.map(({ className, dn: at, naming }) => ({ className, dn: at, attributes: naming }));
}
