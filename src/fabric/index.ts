export * from './admin-contracts.js';
export { type Batch, type BatchLimits, batchesOf, batchOf } from './batches.js';
export * from './bindings.js';
export { type BlastRadius, type ClassCounts, deletedShare } from './blast-radius.js';
export * from './capacity.js';
export { changesHash } from './change-hash.js';
export type { AttributeDifference, ChangeReason } from './change-reason.js';
export * from './contract-views.js';
export { type DeletionGate, type Deletions, heldAmong } from './deletions.js';
export {
  type Change,
  type Difference,
  difference,
  hasAncestorIn,
  isStep,
} from './diff.js';
export { differingDns } from './differing.js';
export { DnTree } from './dn-tree.js';
export * from './drift.js';
export * from './drift-effect.js';
export { type DriftPolicies, driftPolicies, isOwnMark } from './drift-policy.js';
export * from './fault-findings.js';
export { type FilterEntry, formatEntry, type Packet } from './filter-entry.js';
export { foreignVrfFindings } from './foreign-vrfs.js';
export { LastEqual } from './last-equal.js';
export { entriesOnFullestLeaf, type LeafBindings, leafBindings, type RuleCost } from './leaf-bindings.js';
export { LivePlan } from './live-plan.js';
export { ObjectIndex } from './object-index.js';
export { isOfOthers, topmost } from './others-below.js';
export { isClassifying } from './outside-prefixes.js';
export { withOwnerMarks } from './owned-steps.js';
export { AFTER_HOSTS, PHASE_NAMES, type PhaseName } from './phases.js';
export {
  changesOf,
  type FabricPlan,
  isEmptyPlan,
  type Phase,
  type PlanInput,
  type PlanOptions,
  planFabric,
} from './plan.js';
export * from './reason.js';
export { SharedMap } from './shared-map.js';
export { unitDn } from './units.js';
export * from './verdict.js';
export { wavesOf } from './waves.js';
export { PRIORITY, type ZoningRule, zoningRules } from './zoning-rules.js';
