export type { ContractPlan } from './contract-plan.js';
export { epgDn } from './endpoint-groups.js';
export { FabricMapper, type FabricMemory, type MapOptions } from './fabric-mapper.js';
export type { FabricPart, PartChanges } from './fabric-parts.js';
export { type MirrorScope, mirrorScopes } from './fabric-scopes.js';
export { type DesiredFabric, fabricOf, mapFabric } from './fabric-tree.js';
export { nodePolicies } from './node-policy.js';
export { recoverAllocation } from './recover-allocation.js';
