import type { NodePolicy } from '#model/node';

/** Takes what the store tells about one node. Called synchronously; must not throw. */
export interface NodePolicySink {
  /** The node's current policy, or undefined when there is none. Called once at the start and after every change. */
  policy(policy: NodePolicy | undefined): void;
  /** The store cannot be reached: the last policy stays in force. `undefined` when it works again. */
  trouble(reason: string | undefined): void;
}

/** The key/value store between controller and agents: one NodePolicy a node. */
export interface PolicyStore {
  /** Publishes the policy of `policy.node`. */
  put(policy: NodePolicy): Promise<void>;
  /** Removes a node's policy; a node without one is no error. */
  remove(node: string): Promise<void>;
  /** The policy of a node, or undefined. */
  get(node: string): Promise<NodePolicy | undefined>;
  /** Names of the nodes that have a policy, sorted. */
  nodes(): Promise<readonly string[]>;
  /** Follows a node's policy until aborted, through restarts of the store. */
  watch(node: string, sink: NodePolicySink, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
