import { childDn, type ManagedObject, managedObject, rnFor } from '#model/aci';
import { type CompiledPolicy, everythingIn, tablesOf } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { accessObjects } from './access.js';
import type { ContractPlan } from './contract-plan.js';
import type { Encoding } from './encoding.js';
import { foreignPath, l3outObject } from './external-groups.js';
import { FabricMapper, type FabricMemory, type MapOptions } from './fabric-mapper.js';
import type { FabricParts } from './fabric-parts.js';
import { marked } from './marks.js';
import { bridgeDomainObject, vrfWideContract } from './network.js';

/** Everything that the fabric should hold for the cluster. */
export interface DesiredFabric {
  /** One polUni tree, as it is posted to /api/mo/uni.json. */
  readonly tree: ManagedObject;
  /** Dns of objects that are an admin's and must be there already. */
  readonly references: readonly string[];
  readonly contracts: readonly ContractPlan[];
  readonly memory: FabricMemory;
}

/**
 * Translates the compiled policy into managed objects (DESIGN.md §7, policy.md §3.6): EPGs, bound as the encoding of
 * the settings says, contracts as stars with in and out terms, external EPGs by nested prefixes. Pure.
 */
export function mapFabric(compiled: CompiledPolicy, settings: FabricSettings, options: MapOptions = {}): DesiredFabric {
  const mapper = new FabricMapper(settings, options);
  mapper.update(tablesOf(compiled), everythingIn(compiled));
  return fabricOf(mapper, settings, options.encoding);
}

/** The whole fabric as a mapper has it now, with the bindings of an encoding below its EPGs. */
export const fabricOf = (mapper: FabricMapper, settings: FabricSettings, encoding?: Encoding): DesiredFabric => ({
  tree: fabricTree(mapper.parts, settings, encoding),
  references: referencesOf(mapper, settings),
  contracts: mapper.contracts,
  memory: mapper.memory,
});

/** Puts the parts into one tree, with the objects that no policy changes. */
function fabricTree(parts: FabricParts, settings: FabricSettings, encoding: Encoding | undefined): ManagedObject {
  return managedObject('polUni', {}, [
    tenantTree(parts, settings, groupsWith(parts, encoding)),
    ...accessObjects(settings, parts.objects('binding')),
  ]);
}

/** The EPGs with their bindings after the marks, whose hash is that of the EPG in every encoding. */
function groupsWith(parts: FabricParts, encoding: Encoding | undefined): readonly ManagedObject[] {
  return parts.all('group').map(({ parent, object }) => {
    const bindings = encoding?.below(childDn(parent, rnFor('fvAEPg', object.attributes))) ?? [];
    return bindings.length === 0 ? object : { ...object, children: [...object.children, ...bindings] };
  });
}

function tenantTree(parts: FabricParts, settings: FabricSettings, groups: readonly ManagedObject[]): ManagedObject {
  const { clusterId, tenant, applicationProfile, bridgeDomain } = settings;
  const profile = marked(managedObject('fvAp', { name: applicationProfile }), clusterId, { sources: [] });
  const children = [
    ...parts.objects('network'),
    ...(bridgeDomain.own ? [bridgeDomainObject(settings)] : []),
    ...parts.objects('filter'),
    ...(settings.vrfWidePermits ? [vrfWideContract(settings)] : []),
    ...parts.objects('contract'),
    { ...profile, children: [...profile.children, ...groups] },
    ...foreignObjects(parts),
    l3outObject(settings, parts.objects('external')),
  ];
  return owned(managedObject('fvTenant', { name: tenant.name }, children), settings, tenant.own);
}

/** EPGs of VMs, bare metal and nodes with our relations below them. */
function foreignObjects(parts: FabricParts): readonly ManagedObject[] {
  const byDn = new Map<string, ManagedObject[]>();
  for (const { parent, object } of parts.all('foreign')) byDn.set(parent, [...(byDn.get(parent) ?? []), object]);
  return [...byDn].flatMap(([dn, relations]) => foreignPath(dn, relations) ?? []);
}

/** Marks an object of ours; an admin's stays bare, a step on the way to what is ours below it. */
function owned(object: ManagedObject, settings: FabricSettings, own: boolean): ManagedObject {
  if (!own) return object;
  const bare = { ...object, children: [] };
  const mark = marked(bare, settings.clusterId, { sources: [] });
  return { ...mark, children: [...mark.children, ...object.children] };
}

/** Dns of objects that are an admin's and must be there already, with those that the mapper's policy speaks of. */
export const referencesOf = (mapper: FabricMapper, settings: FabricSettings): readonly string[] => [
  ...namedReferences(settings),
  ...mapper.foreignDns,
];

function namedReferences(settings: FabricSettings): readonly string[] {
  const tenantDn = childDn('uni', rnFor('fvTenant', { name: settings.tenant.name }));
  const candidates = [
    { object: settings.tenant, dn: tenantDn },
    { object: settings.vrf, dn: childDn(tenantDn, rnFor('fvCtx', { name: settings.vrf.name })) },
    { object: settings.bridgeDomain, dn: childDn(tenantDn, rnFor('fvBD', { name: settings.bridgeDomain.name })) },
    { object: settings.l3out, dn: childDn(tenantDn, rnFor('l3extOut', { name: settings.l3out.name })) },
    {
      object: settings.vlanPool,
      dn: `uni/infra/${rnFor('fvnsVlanInstP', { name: settings.vlanPool.name, allocMode: 'static' })}`,
    },
    { object: settings.physicalDomain, dn: `uni/${rnFor('physDomP', { name: settings.physicalDomain.name })}` },
    {
      object: settings.attachableEntityProfile,
      dn: `uni/infra/${rnFor('infraAttEntityP', { name: settings.attachableEntityProfile.name })}`,
    },
  ];
  return candidates.filter(({ object }) => !object.own).map(({ dn }) => dn);
}
