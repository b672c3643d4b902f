export { policyUniverse } from './policy-universe.js';
export { fabricTopology } from './topology.js';
