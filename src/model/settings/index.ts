export * from './budget.js';
export * from './fabric-settings.js';
export * from './group-pattern.js';
