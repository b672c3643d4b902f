import type { BridgeState, NodePolicy } from '#model/node';

/** What the agent is doing, for health checks and for people. */
export interface AgentStatus {
  readonly node: string;
  /** Revision of the policy that the bridge enforces; undefined before the first one of this process. */
  readonly appliedRevision: string | undefined;
  /** Revision that the store told last; differs from the applied one while it is being applied or cannot be. */
  readonly storeRevision: string | undefined;
  /** When the bridge was last made equal to the policy, in milliseconds since the epoch. */
  readonly appliedAt: number | undefined;
  /** Flows on the bridge after that. */
  readonly flows: number;
  /** Plugged-in pods that policy applies to, sorted. */
  readonly enforced: readonly string[];
  /** Plugged-in pods that the policy does not know: closed until it does, sorted. */
  readonly unknown: readonly string[];
  /** Why the store cannot be followed; the last policy stays in force. */
  readonly storeTrouble: string | undefined;
  /** Why the bridge does not enforce the latest policy. */
  readonly lastError: string | undefined;
}

/** The status of an agent that has done nothing yet. */
export const startingStatus = (node: string): AgentStatus => ({
  node,
  appliedRevision: undefined,
  storeRevision: undefined,
  appliedAt: undefined,
  flows: 0,
  enforced: [],
  unknown: [],
  storeTrouble: undefined,
  lastError: undefined,
});

/** The plugged-in pods by whether the policy knows them. */
export function sortPods(
  policy: NodePolicy | undefined,
  { endpoints }: BridgeState,
): Pick<AgentStatus, 'enforced' | 'unknown'> {
  const known = new Set(policy?.endpoints.map(({ pod }) => pod));
  const pods = [...new Set(endpoints.map(({ pod }) => pod))].sort();
  return { enforced: pods.filter((pod) => known.has(pod)), unknown: pods.filter((pod) => !known.has(pod)) };
}
