import { type ManagedObject, managedObject, splitDn } from '#model/aci';
import { aciName } from '#model/naming';
import { formatPrefix } from '#model/net';
import type { CompiledPolicy, ExternalGroup, ForeignGroup } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import type { RelationsByGroup } from './endpoint-groups.js';
import { marked } from './marks.js';
import { namePrefix } from './network.js';

interface ExternalContext {
  readonly settings: FabricSettings;
  readonly relations: RelationsByGroup;
  /** Policies behind the contracts of each group. */
  readonly sources: ReadonlyMap<string, readonly string[]>;
}

/** The L3Out with one external EPG a group of outside addresses; the fabric matches the longest prefix (policy.md A5). */
export function externalObjects(
  compiled: CompiledPolicy,
  { settings, relations, sources }: ExternalContext,
): ManagedObject {
  const { clusterId, l3out, vrf } = settings;
  const groups = compiled.groups.filter((group) => group.kind === 'external');
  const instances = groups.map((group) => {
    const name = aciName(`${namePrefix(settings)}${group.name}`);
    const object = instanceObject(group, name, relations.get(group.name) ?? []);
    return marked(object, clusterId, { sources: sources.get(group.name) ?? [], joined: group.joined });
  });
  if (!l3out.own) return managedObject('l3extOut', { name: l3out.name }, instances);
  const context = managedObject('l3extRsEctx', { tnFvCtxName: vrf.name });
  const own = marked(managedObject('l3extOut', { name: l3out.name }, [context]), clusterId, { sources: [] });
  return { ...own, children: [...own.children, ...instances] };
}

function instanceObject(group: ExternalGroup, name: string, relations: readonly ManagedObject[]): ManagedObject {
  const subnets = group.prefixes.map((prefix) =>
    managedObject('l3extSubnet', { ip: formatPrefix(prefix), scope: 'import-security' }),
  );
  return managedObject('l3extInstP', { name }, [...subnets, ...relations]);
}

/** Relations on EPGs of VMs and bare metal. The EPG is an admin's: only the relations below it are ours, each marked. */
export function foreignObjects(
  compiled: CompiledPolicy,
  { settings, relations, sources }: ExternalContext,
): readonly ManagedObject[] {
  const byDn = new Map<string, Map<string, ManagedObject>>();
  for (const group of compiled.groups.filter((one): one is ForeignGroup => one.kind === 'foreign')) {
    const known = byDn.get(group.dn) ?? new Map<string, ManagedObject>();
    for (const relation of relations.get(group.name) ?? []) {
      const key = `${relation.className} ${relation.attributes['tnVzBrCPName']}`;
      known.set(key, marked(relation, settings.clusterId, { sources: sources.get(group.name) ?? [] }));
    }
    byDn.set(group.dn, known);
  }
  return [...byDn].flatMap(([dn, own]) => foreignPath(dn, [...own.values()]));
}

/** The steps from the tenant to the EPG, bare: they must be there already. */
function foreignPath(dn: string, relations: readonly ManagedObject[]): readonly ManagedObject[] {
  const [, , profile, epg] = splitDn(dn);
  if (relations.length === 0 || profile === undefined || epg === undefined) return [];
  const group = managedObject('fvAEPg', { name: epg.replace(/^epg-/, '') }, relations);
  return [managedObject('fvAp', { name: profile.replace(/^ap-/, '') }, [group])];
}
