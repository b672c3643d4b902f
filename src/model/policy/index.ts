export * from './admin-opening.js';
export * from './compiled-policy.js';
export * from './compiled-tables.js';
export * from './every-permit.js';
export * from './finding.js';
export * from './policy-tables.js';
