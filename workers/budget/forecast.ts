import { type CapacityUse, entryCost } from '#fabric';
import type { ContractLoad, FabricLoad, FabricMapper, FilterPlan } from '#mappers';
import type { CompiledPolicy } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { LeafEntries } from './leaf-entries.js';
import { fullest, type Places } from './places.js';

/** What groups take, whatever contracts they have. */
export interface GroupCounts {
  readonly podGroups: number;
  readonly externalGroups: number;
}

export const groupCounts = ({ groups }: CompiledPolicy): GroupCounts => ({
  podGroups: groups.filter(({ kind }) => kind === 'pods').length,
  externalGroups: groups.filter(({ kind }) => kind === 'external').length,
});

/** What the groups take of a fabric: known before any contract is planned. `places` where they are bound on paths. */
export function groupUse(
  { podGroups, externalGroups }: GroupCounts,
  settings: FabricSettings,
  places: Places | undefined,
): readonly CapacityUse[] {
  const { hostPortsPerLeaf, limits } = settings.budget;
  const { from, to } = settings.vlanPool;
  const vlans = places === undefined ? podGroups : fullest(places.leaves, ({ groups }) => groups.size);
  const portVlans =
    places === undefined ? podGroups * hostPortsPerLeaf : fullest(places.leaves, (leaf) => leaf.portVlans);
  const inSpace = places === undefined ? podGroups : fullest(places.spaces, ({ groups }) => groups.size);
  return [
    { resource: 'vlanPool', used: inSpace, limit: to - from + 1 },
    { resource: 'endpointGroups', used: podGroups, limit: limits.endpointGroups },
    { resource: 'externalGroups', used: externalGroups, limit: limits.externalGroups },
    // One for the bridge domain, whoever owns it.
    { resource: 'vlansPerLeaf', used: vlans + 1, limit: limits.vlansPerLeaf },
    { resource: 'portVlansPerLeaf', used: portVlans, limit: limits.portVlansPerLeaf },
  ];
}

/**
 * What contracts take, on the leaf that holds most: with bindings at the AEP (C1) the rules of the whole VRF, with bindings
 * on paths (C2) those of what is behind it (policy.md §3.13). Counted from the mapper's contracts, no object is looked at:
 * time in proportion to contracts, and with paths to relations. The same figures as `capacityOf` finds in the objects.
 */
export function contractUse(
  load: FabricLoad,
  { budget: { limits } }: FabricSettings,
  places: Places | undefined,
): readonly CapacityUse[] {
  // Without a leaf that is known, as at the AEP: a leaf could hold everything.
  const isAnywhere = places === undefined || places.leaves.length === 0;
  const entries = isAnywhere ? entriesOfVrf(load) : entriesOnLeaf(load, places);
  return [
    { resource: 'contracts', used: load.contractCount, limit: limits.contracts },
    { resource: 'filters', used: load.filters, limit: limits.filters },
    { resource: 'policyEntriesPerLeaf', used: entries, limit: limits.policyEntriesPerLeaf },
  ];
}

/** What everything that a mapper has takes. */
export const forecastOf = (
  { load }: FabricMapper,
  settings: FabricSettings,
  places?: Places,
): readonly CapacityUse[] => [...groupUse(load, settings, places), ...contractUse(load, settings, places)];

function entriesOfVrf(load: FabricLoad): number {
  const cost = new FilterCosts();
  let entries = load.enforced + cost.sum(load.vrfWide);
  for (const contract of load.contracts) entries += entriesIn(contract, cost);
  return entries;
}

function entriesOnLeaf(load: FabricLoad, { leaves }: Places): number {
  const cost = new FilterCosts();
  const entries = new LeafEntries(leaves);
  entries.addEverywhere(cost.sum(load.vrfWide));
  for (const group of load.enforcedGroups) entries.addInside(group, 1);
  for (const contract of load.contracts) {
    const { star, inside } = contract;
    if (star === undefined) {
      entries.addEverywhere(entriesIn(contract, cost));
      continue;
    }
    const perPair = entriesOfPair(contract, cost);
    entries.addStar(star.anchor, star.others, perPair);
    if (inside) entries.addInside(star.anchor, perPair);
  }
  return entries.most;
}

/**
 * Entries of the policy memory that one contract takes. Contracts never make one rule twice (each pair is in one star for
 * its flows, policy.md §3.7), so that the entries of all contracts are the sum.
 */
function entriesIn(contract: ContractLoad, cost: FilterCosts): number {
  const { pairs, inside, isEveryone, terms } = contract;
  // From everyone to everyone both directions are the same rules: such filters name no ports.
  return isEveryone ? forwardEntries(terms, cost) : (pairs + Number(inside)) * entriesOfPair(contract, cost);
}

const forwardEntries = (terms: ContractLoad['terms'], cost: FilterCosts): number =>
  terms.kind === 'both' ? cost.sum(terms.filters) : cost.sum(terms.forward) + cost.sum(terms.denied);

const entriesOfPair = ({ terms }: ContractLoad, cost: FilterCosts): number =>
  forwardEntries(terms, cost) + cost.sum(terms.kind === 'both' ? terms.filters : terms.reverse);

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
