import type { GroupName } from '#model/policy';
import type { ContractTerms } from './contract-plan.js';
import type { FilterPlan } from './filters.js';

/** How many rules a contract makes: enough to count them, without its members. */
export interface ContractLoad {
  /** Pairs of a consumer and a provider; the whole VRF counts as one of them. */
  readonly pairs: number;
  /** Whether the members of one group use it among themselves. */
  readonly inside: boolean;
  /** Whether the whole VRF is on both sides, so that both directions are the same rules. */
  readonly isEveryone: boolean;
  /** Whose pairs they are; undefined where the whole VRF is on a side. */
  readonly star: { readonly anchor: GroupName; readonly others: ReadonlySet<GroupName> } | undefined;
  readonly terms: ContractTerms;
}

/** What the managed objects take of a fabric, as far as it can be known without knowing leaves. */
export interface FabricLoad {
  readonly podGroups: number;
  readonly podGroupsWithVlan: number;
  readonly externalGroups: number;
  /** Groups of pods whose members may not talk freely among themselves. */
  readonly enforced: number;
  readonly enforcedGroups: Iterable<GroupName>;
  readonly contracts: Iterable<ContractLoad>;
  readonly contractCount: number;
  readonly filters: number;
  /** Filters of the contract that holds in the whole VRF; none where there is none. */
  readonly vrfWide: readonly FilterPlan[];
}
