export * from './capacity.js';
export * from './diff.js';
export type { FilterEntry, Packet } from './filter-entry.js';
export { ObjectIndex } from './object-index.js';
export * from './plan.js';
export * from './verdict.js';
export * from './zoning-rules.js';
