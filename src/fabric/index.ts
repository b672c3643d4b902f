export * from './bindings.js';
export * from './contract-views.js';
export * from './diff.js';
export { type FilterEntry, formatEntry, type Packet } from './filter-entry.js';
export { ObjectIndex } from './object-index.js';
export * from './plan.js';
export * from './reason.js';
export * from './verdict.js';
export { PRIORITY, type ZoningRule, zoningRules } from './zoning-rules.js';
