export * from './compiled-policy.js';
export * from './finding.js';
