import { type CapacityUse, entryCost } from '#fabric';
import type { ContractLoad, FabricLoad, FabricMapper, FilterPlan } from '#mappers';
import type { CompiledPolicy } from '#model/policy';
import type { FabricSettings } from '#model/settings';

/** What groups take, whatever contracts they have. */
export interface GroupCounts {
  readonly podGroups: number;
  readonly externalGroups: number;
}

export const groupCounts = ({ groups }: CompiledPolicy): GroupCounts => ({
  podGroups: groups.filter(({ kind }) => kind === 'pods').length,
  externalGroups: groups.filter(({ kind }) => kind === 'external').length,
});

/** What the groups take of a fabric: known before any contract is planned. */
export function groupUse({ podGroups, externalGroups }: GroupCounts, settings: FabricSettings): readonly CapacityUse[] {
  const { hostPortsPerLeaf, limits } = settings.budget;
  const { from, to } = settings.vlanPool;
  const used = {
    endpointGroups: podGroups,
    externalGroups,
    // One for the bridge domain, whoever owns it.
    vlansPerLeaf: podGroups + 1,
    portVlansPerLeaf: podGroups * hostPortsPerLeaf,
  };
  const pool =
    settings.encoding === 'aep' ? [{ resource: 'vlanPool' as const, used: podGroups, limit: to - from + 1 }] : [];
  return [
    ...pool,
    ...RESOURCES_OF_GROUPS[settings.encoding].map((resource) => ({
      resource,
      used: used[resource],
      limit: limits[resource],
    })),
  ];
}

/** Bound on paths, a group takes VLANs only where its pods run: what a leaf holds is counted when they are bound. */
const RESOURCES_OF_GROUPS = {
  aep: ['endpointGroups', 'externalGroups', 'vlansPerLeaf', 'portVlansPerLeaf'],
  path: ['endpointGroups', 'externalGroups'],
} as const;

/**
 * What contracts take, on a leaf that holds the rules of the whole VRF (encoding C1, policy.md §3.13). Counted from the
 * mapper's contracts, no object is looked at: time in proportion to contracts, well below a millisecond for 2,000 groups.
 * The same figures as `capacityOf` finds in the objects.
 */
export function contractUse(
  load: FabricLoad,
  { encoding, budget: { limits } }: FabricSettings,
): readonly CapacityUse[] {
  const cost = new FilterCosts();
  let policyEntriesPerLeaf = load.enforced + cost.sum(load.vrfWide);
  for (const contract of load.contracts) policyEntriesPerLeaf += entriesIn(contract, cost);
  const used = { contracts: load.contractCount, filters: load.filters, policyEntriesPerLeaf };
  return RESOURCES_OF_CONTRACTS[encoding].map((resource) => ({
    resource,
    used: used[resource],
    limit: limits[resource],
  }));
}

const RESOURCES_OF_CONTRACTS = {
  aep: ['contracts', 'filters', 'policyEntriesPerLeaf'],
  path: ['contracts', 'filters'],
} as const;

/** What everything that a mapper has takes. */
export const forecastOf = ({ load }: FabricMapper, settings: FabricSettings): readonly CapacityUse[] => [
  ...groupUse(load, settings),
  ...contractUse(load, settings),
];

/**
 * Entries of the policy memory that one contract takes. Contracts never make one rule twice (each pair is in one star for
 * its flows, policy.md §3.7), so that the entries of all contracts are the sum.
 */
function entriesIn({ pairs, inside, isEveryone, terms }: ContractLoad, cost: FilterCosts): number {
  const forward = terms.kind === 'both' ? cost.sum(terms.filters) : cost.sum(terms.forward) + cost.sum(terms.denied);
  // From everyone to everyone both directions are the same rules: such filters name no ports.
  if (isEveryone) return forward;
  const reverse = cost.sum(terms.kind === 'both' ? terms.filters : terms.reverse);
  return (pairs + Number(inside)) * (forward + reverse);
}

class FilterCosts {
  readonly #known = new Map<string, number>();
  readonly #sums = new Map<readonly FilterPlan[], number>();

  /** Of a list that contracts share it is summed up once. */
  sum(filters: readonly FilterPlan[]): number {
    const known = this.#sums.get(filters);
    if (known !== undefined) return known;
    const sum = filters.reduce((total, filter) => total + this.#of(filter), 0);
    this.#sums.set(filters, sum);
    return sum;
  }

  #of({ name, entry }: FilterPlan): number {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const cost = entryCost(entry);
    this.#known.set(name, cost);
    return cost;
  }
}
