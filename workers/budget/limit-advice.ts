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

/** Of the limits that a fabric has by default, so many are good for bindings at the AEP (policy.md §3.13). */
const GOOD_VLANS = 3000 / DEFAULT_LIMITS.vlansPerLeaf;
const GOOD_PORT_VLANS = 55_000 / DEFAULT_LIMITS.portVlansPerLeaf;

/**
 * Up to how many groups bindings at the AEP are recommended (encoding C1): min(3,000, 55,000 / host ports per leaf) with the
 * limits that a fabric has by default, and as much of others (policy.md §3.13).
 */
export const mostGroupsAtProfile = ({ hostPortsPerLeaf, limits }: FabricBudget): number =>
  Math.floor(
    Math.min(limits.vlansPerLeaf * GOOD_VLANS, (limits.portVlansPerLeaf * GOOD_PORT_VLANS) / hostPortsPerLeaf),
  );
