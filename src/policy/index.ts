export type { ForeignEpg } from './address-forest.js';
export type { VlanPool } from './allocate.js';
export { compile, compileOpen } from './compile.js';
export { type ClusterDelta, type CompileOptions, PolicyCompiler } from './compiler.js';
export * from './explain.js';
export { findingsOf } from './findings.js';
export { isPolicyEndpoint } from './pod-table.js';
export { resultOf } from './result.js';
export * from './specification.js';
