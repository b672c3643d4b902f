export * from './bridge-state.js';
export * from './node-policy.js';
