import type { CapacityUse } from '#fabric';
import { DEFAULT_LIMITS, type FabricBudget, type FabricSettings } from '#model/settings';

const SET_LIMITS = 'or set fabric.limits to what the fabric has';
const FEWER_BINDINGS = `Set fabric.encoding to path, which binds a group only where its pods run, isolate fewer workloads, ${SET_LIMITS}`;
const SPREAD = `Spread the pods over more leaves, isolate fewer workloads, ${SET_LIMITS}`;

const OF_ANY_ENCODING = {
  endpointGroups: `Isolate fewer workloads, ${SET_LIMITS}`,
  externalGroups: `Use fewer different ipBlocks, ${SET_LIMITS}`,
  contracts: `Allow fewer different sets of ports, ${SET_LIMITS}`,
  filters: `Use fewer different ports, ${SET_LIMITS}`,
};

const ADVICE: Readonly<Record<FabricSettings['encoding'], Readonly<Record<CapacityUse['resource'], string>>>> = {
  aep: {
    ...OF_ANY_ENCODING,
    vlanPool:
      'Widen fabric.vlanPool, set fabric.encoding to path, with which every leaf has the pool to itself, or isolate fewer workloads',
    vlansPerLeaf: FEWER_BINDINGS,
    portVlansPerLeaf: FEWER_BINDINGS,
    policyEntriesPerLeaf: `Set fabric.encoding to path, with which a leaf holds only what its hosts need, allow fewer pairs and ports, ${SET_LIMITS}`,
  },
  path: {
    ...OF_ANY_ENCODING,
    vlanPool: 'Widen fabric.vlanPool, spread the pods over more leaves, or isolate fewer workloads',
    vlansPerLeaf: SPREAD,
    portVlansPerLeaf: SPREAD,
    policyEntriesPerLeaf: `Spread the pods over more leaves, allow fewer pairs and ports, ${SET_LIMITS}`,
  },
};

/** What to do when there is too little of the resource. */
export const limitAdvice = (resource: CapacityUse['resource'], encoding: FabricSettings['encoding']): string =>
  ADVICE[encoding][resource];

/** So many groups, and port VLANs, are good for bindings at the AEP in a fabric with the default limits (policy.md §3.13). */
const GOOD = { vlansPerLeaf: 3000, portVlansPerLeaf: 55_000 } as const;

/**
 * Up to how many groups bindings at the AEP are recommended (encoding C1): min(3,000, 55,000 / host ports per leaf) with the
 * limits that a fabric has by default, and in proportion with others (policy.md §3.13).
 */
export function mostGroupsAtProfile({ hostPortsPerLeaf, limits }: FabricBudget): number {
  const good = (resource: keyof typeof GOOD): number => (limits[resource] * GOOD[resource]) / DEFAULT_LIMITS[resource];
  return Math.floor(Math.min(good('vlansPerLeaf'), good('portVlansPerLeaf') / hostPortsPerLeaf));
}
