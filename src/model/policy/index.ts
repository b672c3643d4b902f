export * from './compiled-policy.js';
export * from './every-permit.js';
export * from './finding.js';
