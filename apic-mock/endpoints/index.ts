export { Endpoints } from './endpoints.js';
export type { LearnedEndpoint, SeenEndpoint } from './learn.js';
