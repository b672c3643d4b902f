export * from './node-policy.js';
