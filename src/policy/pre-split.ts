import type { ClusterDelta, PodView } from '#model/kubernetes';
import type { PodKey } from '#model/policy';
import type { NumberRange } from './number-pool.js';
import { isPolicyEndpoint } from './pod-table.js';

/** EPGs that a fabric holds (policy.md §2.4): the room there is where groups have no VLAN of their own. */
export const ENDPOINT_GROUPS: NumberRange = { from: 1, to: 15_000 };

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
  { pool, before }: { readonly pool: NumberRange; readonly before: boolean | undefined },
): boolean {
  const workloads = new Set<string>();
  for (const pod of pods) {
    const workload = workloadOf(pod);
    if (workload !== undefined) workloads.add(workload);
  }
  return hasRoom(workloads.size + namespaces, pool, before);
}

/** {@link hasRoomForWorkloads} change by change. */
export class WorkloadRoom {
  readonly #pool: NumberRange;
  readonly #workloadOf = new Map<PodKey, string>();
  /** Pods of each workload. */
  readonly #pods = new Map<string, number>();
  readonly #namespaces = new Set<string>();
  #hasRoom: boolean | undefined;

  /** @param before the last answer, when one is remembered. */
  constructor(pool: NumberRange = ENDPOINT_GROUPS, before?: boolean) {
    this.#pool = pool;
    this.#hasRoom = before;
  }

  /** Takes in a change of the cluster; gives whether there is room after it. Takes time in proportion to the change. */
  update({ namespaces, pods }: ClusterDelta): boolean {
    for (const [name, view] of namespaces ?? []) this.#namespaces[view === undefined ? 'delete' : 'add'](name);
    for (const [key, view] of pods ?? []) this.#setPod(key, view && workloadOf(view));
    this.#hasRoom = hasRoom(this.#pods.size + this.#namespaces.size, this.#pool, this.#hasRoom);
    return this.#hasRoom;
  }

  #setPod(key: PodKey, workload: string | undefined): void {
    const before = this.#workloadOf.get(key);
    if (before === workload) return;
    if (before !== undefined) this.#count(before, -1);
    if (workload === undefined) {
      this.#workloadOf.delete(key);
      return;
    }
    this.#workloadOf.set(key, workload);
    this.#count(workload, 1);
  }

  #count(workload: string, by: 1 | -1): void {
    const pods = (this.#pods.get(workload) ?? 0) + by;
    if (pods === 0) this.#pods.delete(workload);
    else this.#pods.set(workload, pods);
  }
}

function hasRoom(groups: number, { from, to }: NumberRange, before: boolean | undefined): boolean {
  return groups / (to - from + 1) <= (before === false ? FEW_AGAIN : TOO_MANY);
}

const workloadOf = (pod: PodView): string | undefined =>
  pod.workload !== undefined && isPolicyEndpoint(pod) ? `${pod.namespace}\n${pod.workload}` : undefined;
