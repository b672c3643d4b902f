import { childDn, type ManagedObject, managedObject, rnFor } from '#model/aci';
import { type CompiledPolicy, everyPermit, type Permit } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { accessObjects } from './access.js';
import { type ContractPlan, contractObject, contractPlans, enforcedGroups, filtersOf } from './contracts.js';
import { groupObjects } from './endpoint-groups.js';
import { externalObjects, foreignObjects } from './external-groups.js';
import { filterObject } from './filters.js';
import { marked } from './marks.js';
import { namePrefix, networkObjects, vrfWideContract, vrfWideFilters } from './network.js';

/** Everything that the fabric should hold for the cluster. */
export interface DesiredFabric {
  /** One polUni tree, as it is posted to /api/mo/uni.json. */
  readonly tree: ManagedObject;
  /** Dns of objects that are an admin's and must be there already. */
  readonly references: readonly string[];
  readonly contracts: readonly ContractPlan[];
}

/**
 * Translates the compiled policy into managed objects (DESIGN.md §7, policy.md §3.6, encoding C1): EPGs bound once at the
 * AEP, contracts as stars with in and out terms, external EPGs by nested prefixes. Pure.
 */
export function mapFabric(compiled: CompiledPolicy, settings: FabricSettings): DesiredFabric {
  const permits = everyPermit(compiled);
  const contracts = contractPlans(permits, namePrefix(settings));
  const tenant = tenantTree(compiled, { settings, contracts, permits });
  const tree = managedObject('polUni', {}, [tenant, ...accessObjects(compiled, settings)]);
  return { tree, references: [...referencesOf(settings), ...foreignDns(compiled)], contracts };
}

interface TenantContext {
  readonly settings: FabricSettings;
  readonly contracts: readonly ContractPlan[];
  readonly permits: readonly Permit[];
}

function tenantTree(compiled: CompiledPolicy, { settings, contracts, permits }: TenantContext): ManagedObject {
  const { clusterId, tenant } = settings;
  const podGroups = compiled.groups.flatMap((group) => (group.kind === 'pods' ? [group.name] : []));
  const enforced = enforcedGroups(podGroups, permits);
  const filters = [...filtersOf(contracts), ...vrfWideFilters(settings)];
  const children = [
    ...networkObjects(settings),
    ...filters.map((filter) => marked(filterObject(filter), clusterId, { sources: [] })),
    ...(settings.vrfWidePermits ? [vrfWideContract(settings)] : []),
    ...contracts.map((plan) => marked(contractObject(plan), clusterId, { sources: plan.sources })),
    groupObjects(compiled, { settings, contracts, enforced }),
    ...foreignObjects(compiled, { settings, contracts }),
    externalObjects(compiled, { settings, contracts }),
  ];
  return owned(managedObject('fvTenant', { name: tenant.name }, children), settings, tenant.own);
}

/** Marks an object of ours; an admin's stays bare, a step on the way to what is ours below it. */
function owned(object: ManagedObject, settings: FabricSettings, own: boolean): ManagedObject {
  if (!own) return object;
  const bare = { ...object, children: [] };
  const mark = marked(bare, settings.clusterId, { sources: [] });
  return { ...mark, children: [...mark.children, ...object.children] };
}

/** EPGs of VMs and bare metal: a relation posted below one that is not there would create it, empty. */
const foreignDns = (compiled: CompiledPolicy): readonly string[] => [
  ...new Set(compiled.groups.flatMap((group) => (group.kind === 'foreign' ? [group.dn] : []))),
];

function referencesOf(settings: FabricSettings): readonly string[] {
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
