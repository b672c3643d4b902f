export * from './budget.js';
export * from './fabric-settings.js';
