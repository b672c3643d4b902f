export { type FabricPlan, fabricPlan, type TopologySize } from './fabric-plan.js';
export { computeInventory, policyUniverse } from './policy-universe.js';
export { fabricTopology } from './topology.js';
