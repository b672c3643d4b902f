export * from './apply-settings.js';
export * from './budget.js';
export * from './fabric-settings.js';
