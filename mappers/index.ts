export type { ContractPlan } from './contract-plan.js';
export { epgDn } from './endpoint-groups.js';
export { type MirrorScope, mirrorScopes } from './fabric-scopes.js';
export {
  type DesiredFabric,
  type FabricMemory,
  type MapOptions,
  mapFabric,
  type PlannedContracts,
  planContracts,
} from './fabric-tree.js';
export type { FilterPlan } from './filters.js';
export { nodePolicies } from './node-policy.js';
export { recoverAllocation } from './recover-allocation.js';
export { type RecoveredBudget, recoverBudget } from './recover-budget.js';
