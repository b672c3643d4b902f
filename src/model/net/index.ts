export * from './address.js';
export * from './conn-set.js';
export * from './port-set.js';
export * from './prefix.js';
