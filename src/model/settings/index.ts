export * from './apply-settings.js';
export * from './budget.js';
export * from './drift.js';
export * from './fabric-places.js';
export * from './fabric-settings.js';
export * from './group-pattern.js';
