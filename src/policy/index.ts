export type { VlanPool } from './allocate.js';
export { type CompileOptions, compile } from './compile.js';
export type { ForeignEpg } from './external-regions.js';
export { isPolicyEndpoint } from './signature.js';
export * from './specification.js';
