import { childDn, type ManagedObject, managedObject, rnFor } from '#model/aci';
import type { CompiledPolicy, GroupName } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { accessObjects } from './access.js';
import { contractObject, relationsByGroup, sourcesByGroup, wholeVrfRelations } from './contract-objects.js';
import {
  type ContractPlan,
  type ContractStyle,
  closedContract,
  establishedContract,
  filtersOf,
  openContract,
} from './contract-plan.js';
import { groupObjects } from './endpoint-groups.js';
import { externalObjects, foreignObjects } from './external-groups.js';
import { type FilterPlan, filterObject } from './filters.js';
import { marked } from './marks.js';
import { namePrefix, networkObjects, vrfWideContract, vrfWideFilters } from './network.js';
import { type Rendering, renderingOf } from './rendering.js';
import { type Anchors, enforcedGroups, starsOf } from './stars.js';

/** Everything that the fabric should hold for the cluster. */
export interface DesiredFabric {
  /** One polUni tree, as it is posted to /api/mo/uni.json. */
  readonly tree: ManagedObject;
  /** Dns of objects that are an admin's and must be there already. */
  readonly references: readonly string[];
  readonly contracts: readonly ContractPlan[];
  readonly memory: FabricMemory;
}

/** What the mapper decided, so that it decides the same next time while that is still right. */
export interface FabricMemory {
  readonly rendering: Rendering['kind'];
  readonly anchors: Anchors;
}

/** How the mapper goes about it. */
export interface MapOptions {
  /** What it decided last. */
  readonly before?: FabricMemory | undefined;
  /** Where established TCP is permitted; `vrf` needs vzAny, and an admin who lets it be used. */
  readonly established?: ContractStyle['established'];
}

/** The contracts that say the policy, before any object is made: enough to count what they take of a fabric. */
export interface PlannedContracts {
  readonly contracts: readonly ContractPlan[];
  /** Every filter that is made, those that hold in the whole VRF included. */
  readonly filters: readonly FilterPlan[];
  /** Groups of pods whose members may not talk freely among themselves. */
  readonly enforced: ReadonlySet<GroupName>;
  /** Filters of the contract that holds in the whole VRF; none where there is none. */
  readonly vrfWide: readonly FilterPlan[];
  readonly memory: FabricMemory;
}

/**
 * Chooses the contracts for the policy: as stars with in and out terms, with vzAny where that is cheaper (policy.md §3.6,
 * §3.7). Pure.
 */
export function planContracts(
  compiled: CompiledPolicy,
  settings: FabricSettings,
  { before, established = 'pairs' }: MapOptions = {},
): PlannedContracts {
  const style = { prefix: namePrefix(settings), established };
  const choice = { vzAny: settings.vzAnyContracts, ...(before === undefined ? {} : { before: before.rendering }) };
  const rendering = renderingOf(compiled, choice);
  const stars = starsOf(rendering.permits, style, before?.anchors ?? new Map());
  const vrfWide = vrfWideFilters(settings);
  const contracts = [...stars.contracts, ...wholeVrfContracts(rendering, style, vrfWide)];
  const podGroups = compiled.groups.flatMap((group) => (group.kind === 'pods' ? [group.name] : []));
  const filters = new Map([...filtersOf(contracts), ...vrfWide].map((filter) => [filter.name, filter]));
  return {
    contracts,
    filters: [...filters.values()],
    enforced: enforcedGroups(podGroups, rendering.permits),
    vrfWide,
    memory: { rendering: rendering.kind, anchors: stars.anchors },
  };
}

/**
 * Translates the compiled policy into managed objects (DESIGN.md §7, policy.md §3.6, encoding C1): EPGs bound once at the
 * AEP, contracts as planned, external EPGs by nested prefixes. Pure.
 */
export function mapFabric(
  compiled: CompiledPolicy,
  settings: FabricSettings,
  options: MapOptions & { readonly planned?: PlannedContracts } = {},
): DesiredFabric {
  const planned = options.planned ?? planContracts(compiled, settings, options);
  const tree = managedObject('polUni', {}, [
    tenantTree(compiled, settings, planned),
    ...accessObjects(compiled, settings),
  ]);
  const references = [...referencesOf(settings), ...foreignDns(compiled)];
  return { tree, references, contracts: planned.contracts, memory: planned.memory };
}

/** Contracts between groups and the whole VRF, where the policy is rendered with them. */
function wholeVrfContracts(
  { kind, open, closed }: Rendering,
  style: ContractStyle,
  spared: readonly FilterPlan[],
): readonly ContractPlan[] {
  return [
    ...(style.established === 'vrf' ? [establishedContract(style.prefix)] : []),
    ...(kind === 'vzAny' ? [openContract(open, style)] : []),
    ...(kind === 'vzAny' && closed.size > 0 ? [closedContract(closed, spared, style)] : []),
  ];
}

function tenantTree(
  compiled: CompiledPolicy,
  settings: FabricSettings,
  { contracts, filters, enforced }: PlannedContracts,
): ManagedObject {
  const { clusterId, tenant } = settings;
  const relations = relationsByGroup(contracts);
  const outsideGroups = new Set(compiled.groups.flatMap(({ kind, name }) => (kind === 'pods' ? [] : [name])));
  const outside = { settings, relations, sources: sourcesByGroup(contracts, outsideGroups) };
  const children = [
    ...networkObjects(settings, wholeVrfRelations(contracts)),
    ...filters.map((filter) => marked(filterObject(filter), clusterId, { sources: [] })),
    ...(settings.vrfWidePermits ? [vrfWideContract(settings)] : []),
    ...contracts.map((plan) => marked(contractObject(plan), clusterId, { sources: plan.sources })),
    groupObjects(compiled, { settings, relations, enforced }),
    ...foreignObjects(compiled, outside),
    externalObjects(compiled, outside),
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
