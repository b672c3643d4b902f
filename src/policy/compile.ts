import type { ClusterSnapshot } from '#model/kubernetes';
import type { Allocation, CompiledPolicy } from '#model/policy';
import { type CompileOptions, PolicyCompiler } from './compiler.js';
import { findingsOf } from './findings.js';
import { ENDPOINT_GROUPS, hasRoomForWorkloads } from './pre-split.js';
import { resultOf } from './result.js';

/**
 * Compiles the cluster's policies into groups and pairs (policy.md §3). Pure: equal inputs give equal results. Nothing
 * throws for bad input: what cannot be used is a finding, and everything else is compiled.
 */
export function compile(snapshot: ClusterSnapshot, remembered: Allocation, options: CompileOptions): CompiledPolicy {
  return compileOpen(snapshot, remembered, options).compiled;
}

/** As {@link compile}, with the compiler's tables beside the result: for whoever explains it. */
export function compileOpen(
  snapshot: ClusterSnapshot,
  remembered: Allocation,
  options: CompileOptions,
): { readonly compiler: PolicyCompiler; readonly compiled: CompiledPolicy } {
  const preSplit = options.preSplit ?? hasRoom(snapshot, remembered, options);
  const compiler = new PolicyCompiler(remembered, { ...options, preSplit });
  compiler.apply(snapshot);
  const compiled = { ...resultOf(compiler), findings: findingsOf(compiler, snapshot, options) };
  return { compiler, compiled };
}

const hasRoom = (
  { pods, namespaces }: ClusterSnapshot,
  { preSplit: before }: Allocation,
  { vlanPool: pool = ENDPOINT_GROUPS }: CompileOptions,
): boolean => hasRoomForWorkloads(pods.values(), namespaces.size, { pool, before });
