export type { ContractPlan } from './contract-plan.js';
export { type Binding, type EncodedPolicy, type Encoding, encodePolicy, groupVlanPool } from './encoding.js';
export { epgDn } from './endpoint-groups.js';
export { type MirrorScope, mirrorScopes } from './fabric-scopes.js';
export { type DesiredFabric, type FabricMemory, type MapOptions, mapFabric } from './fabric-tree.js';
export { nodePolicies } from './node-policy.js';
export { recoverAllocation } from './recover-allocation.js';
