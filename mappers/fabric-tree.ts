import { childDn, type ManagedObject, managedObject, rnFor, rnOfDn, topDn } from '#model/aci';
import { type CompiledPolicy, everythingIn, tablesOf } from '#model/policy';
import {
  bridgeDomainDn,
  contractTenantDn,
  type FabricSettings,
  l3outDn,
  namedTenantDns,
  tenantDn,
  vrfDn,
} from '#model/settings';
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
    ...tenantTrees(parts, settings, groupsWith(parts, encoding)),
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

/** The gateway's tenant, and those of admins with what the gateway has there. */
function tenantTrees(
  parts: FabricParts,
  settings: FabricSettings,
  groups: readonly ManagedObject[],
): readonly ManagedObject[] {
  const { clusterId, tenant, applicationProfile, bridgeDomain } = settings;
  const profile = marked(managedObject('fvAp', { name: applicationProfile }), clusterId, { sources: [] });
  const children = new ChildrenByTenant(namedTenantDns(settings));
  const contracts = contractTenantDn(settings);
  children.add(contracts, parts.objects('network'));
  children.add(tenantDn(settings), bridgeDomain.own ? [bridgeDomainObject(settings)] : []);
  children.add(contracts, parts.objects('filter'));
  children.add(contracts, settings.vrfWidePermits ? [vrfWideContract(settings)] : []);
  children.add(contracts, parts.objects('contract'));
  children.add(tenantDn(settings), [{ ...profile, children: [...profile.children, ...groups] }]);
  for (const [dn, relations] of foreignRelationsIn(parts)) children.add(dn, foreignPath(dn, relations));
  children.add(l3outDn(settings), [l3outObject(settings, parts.objects('external'))]);
  return [...children.byTenant].map(([dn, objects]) => {
    const object = managedObject('fvTenant', { name: rnOfDn(dn).slice('tn-'.length) }, objects);
    return owned(object, settings, tenant.own && dn === tenantDn(settings));
  });
}

/** What is in each tenant, by its Dn. */
class ChildrenByTenant {
  readonly byTenant: ReadonlyMap<string, readonly ManagedObject[]>;
  readonly #byTenant: Map<string, ManagedObject[]>;

  constructor(dns: readonly string[]) {
    this.#byTenant = new Map(dns.map((dn) => [dn, []]));
    this.byTenant = this.#byTenant;
  }

  /** Adds the object to the tenant that its parent is or lies in. */
  add(parent: string, objects: readonly ManagedObject[]): void {
    const dn = topDn(parent);
    const known = this.#byTenant.get(dn);
    if (known === undefined) this.#byTenant.set(dn, [...objects]);
    else known.push(...objects);
  }
}

/** Our relations below EPGs of VMs, bare metal and nodes, by the Dn of the EPG. */
function foreignRelationsIn(parts: FabricParts): ReadonlyMap<string, readonly ManagedObject[]> {
  const byDn = new Map<string, ManagedObject[]>();
  for (const { parent, object } of parts.all('foreign')) byDn.set(parent, [...(byDn.get(parent) ?? []), object]);
  return byDn;
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
  const candidates = [
    { object: settings.tenant, dn: tenantDn(settings) },
    { object: settings.vrf, dn: vrfDn(settings) },
    { object: settings.bridgeDomain, dn: bridgeDomainDn(settings) },
    { object: settings.l3out, dn: l3outDn(settings) },
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
