import type { PodView } from '#model/kubernetes';
import type { VlanPool } from './allocate.js';
import { isPolicyEndpoint } from './pod-table.js';

/** EPGs that a fabric holds (policy.md §2.4): the room there is where groups have no VLAN of their own. */
export const ENDPOINT_GROUPS: VlanPool = { from: 1, to: 15_000 };

/** Shares of the VLAN pool above which splitting by workload ends, and below which it begins again. */
const TOO_MANY = 0.9;
const FEW_AGAIN = 0.7;

/**
 * Whether pods are also told apart by their workload (policy.md §3.2, point 5): as long as the VLAN pool has room for a
 * group a workload. Between the two shares it stays as it was, so that a cluster at the border does not flap: every
 * change of this answer moves pods to other VLANs.
 */
export function hasRoomForWorkloads(
  pods: Iterable<PodView>,
  namespaces: number,
  { pool, before }: { readonly pool: VlanPool; readonly before: boolean | undefined },
): boolean {
  const workloads = new Set<string>();
  for (const pod of pods) {
    if (pod.workload !== undefined && isPolicyEndpoint(pod)) workloads.add(`${pod.namespace}\n${pod.workload}`);
  }
  const share = (workloads.size + namespaces) / (pool.to - pool.from + 1);
  return share <= (before === false ? FEW_AGAIN : TOO_MANY);
}
