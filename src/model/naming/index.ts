export * from './aci-name.js';
export * from './hash.js';
export * from './set-hash.js';
