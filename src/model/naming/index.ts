export * from './aci-name.js';
export * from './hash.js';
