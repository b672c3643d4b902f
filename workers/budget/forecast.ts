import { type CapacityUse, entryCost } from '#fabric';
import type { ContractPlan, FilterPlan, PlannedContracts } from '#mappers';
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
  return [
    { resource: 'vlanPool', used: podGroups, limit: to - from + 1 },
    ...RESOURCES_OF_GROUPS.map((resource) => ({ resource, used: used[resource], limit: limits[resource] })),
  ];
}

const RESOURCES_OF_GROUPS = ['endpointGroups', 'externalGroups', 'vlansPerLeaf', 'portVlansPerLeaf'] as const;

/**
 * What contracts take, on a leaf that holds the rules of the whole VRF (encoding C1, policy.md §3.13). Counted from the
 * plans, no object is made: time in proportion to contracts and their members, 2 ms for 2,000 groups. The same figures as
 * `capacityOf` finds in the objects.
 */
export function contractUse(
  { contracts, filters, enforced, vrfWide }: PlannedContracts,
  { budget: { limits } }: FabricSettings,
): readonly CapacityUse[] {
  const cost = new FilterCosts();
  const inWholeVrf = vrfWide.reduce((sum, filter) => sum + cost.of(filter), 0);
  const used = {
    contracts: contracts.length + Number(vrfWide.length > 0),
    filters: filters.length,
    policyEntriesPerLeaf: contracts.reduce((sum, plan) => sum + entriesIn(plan, cost), inWholeVrf + enforced.size),
  };
  return RESOURCES_OF_CONTRACTS.map((resource) => ({ resource, used: used[resource], limit: limits[resource] }));
}

const RESOURCES_OF_CONTRACTS = ['contracts', 'filters', 'policyEntriesPerLeaf'] as const;

/**
 * Entries of the policy memory that one contract takes. Contracts never make one rule twice (each pair is in one star for
 * its flows, policy.md §3.7), so that the entries of all contracts are the sum.
 */
function entriesIn({ providers, consumers, inside, wholeVrf, terms }: ContractPlan, cost: FilterCosts): number {
  const forward = cost.sum(terms.kind === 'both' ? terms.filters : [...terms.forward, ...terms.denied]);
  const reverse = cost.sum(terms.kind === 'both' ? terms.filters : terms.reverse);
  // From everyone to everyone both directions are the same rules: such filters name no ports.
  if (wholeVrf === 'both') return forward;
  const providing = wholeVrf === 'provides' ? 1 : providers.size;
  const consuming = wholeVrf === 'consumes' ? 1 : consumers.size;
  return (providing * consuming + Number(inside !== undefined)) * (forward + reverse);
}

class FilterCosts {
  readonly #known = new Map<string, number>();

  of({ name, entry }: FilterPlan): number {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const cost = entryCost(entry);
    this.#known.set(name, cost);
    return cost;
  }

  sum(filters: readonly FilterPlan[]): number {
    return filters.reduce((sum, filter) => sum + this.of(filter), 0);
  }
}
