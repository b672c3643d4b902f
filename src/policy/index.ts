export type { ForeignEpg } from './address-forest.js';
export type { VlanPool } from './allocate.js';
export type { CompiledChanges } from './changes.js';
export { compile } from './compile.js';
export { type ClusterDelta, type CompileOptions, PolicyCompiler } from './compiler.js';
export { findingsOf } from './findings.js';
export { isPolicyEndpoint } from './pod-table.js';
export { groupNamed, pairBetween, resultOf } from './result.js';
export * from './specification.js';
