export type { ClusterDelta } from '#model/kubernetes';
export { affectedPolicies, type PoliciesOf, policiesOf } from './abstraction/affected-policies.js';
export {
  type JoinedGroups,
  type JoinPlace,
  type JoinTargets,
  joinGroups,
  NOTHING_JOINED,
} from './abstraction/join-groups.js';
export { joinedPolicy, withFabricVlans } from './abstraction/joined-policy.js';
export type { ForeignEpg } from './address-forest.js';
export { compile, compileOpen } from './compile.js';
export { type CompileDelta, type CompileOptions, PolicyCompiler } from './compiler.js';
export * from './explain.js';
export { findingsOf } from './findings.js';
export type { NodeEpg } from './node-table.js';
export type { NumberRange } from './number-pool.js';
export { isPolicyEndpoint } from './pod-table.js';
export { WorkloadRoom } from './pre-split.js';
export { compilerTables, groupNamed, groupOfPod, pairBetween, resultOf } from './result.js';
export * from './specification.js';
export { addressBits, inCidr, type LabelSelector, selects } from './specification-match.js';
export * from './specification-objects.js';
