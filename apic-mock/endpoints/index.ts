export { Endpoints } from './endpoints.js';
export { LeafEndpoints } from './leaf-endpoints.js';
export type { LearnedEndpoint, SeenEndpoint } from './learn.js';
