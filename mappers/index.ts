export { epgDn } from './endpoint-groups.js';
export { type DesiredFabric, mapFabric } from './fabric-tree.js';
