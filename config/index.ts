export { applySettings } from './apply-settings.js';
export { driftSettings } from './drift-settings.js';
export * from './fabric-settings.js';
export * from './load.js';
export type { Configuration } from './schema.js';
export { hasUser } from './url-user.js';
