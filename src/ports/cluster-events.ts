/** Something to tell about a Kubernetes object, where people look for it (`kubectl describe`). */
export interface ClusterEvent {
  /** The object as findings name it: `Kind/namespace/name`, or `Kind/name` of one without a namespace. */
  readonly object: string;
  readonly type: 'Normal' | 'Warning';
  /** One word in CamelCase, for machines, e.g. `DriftRepaired`. */
  readonly reason: string;
  /** For people, in at most 1,024 characters. */
  readonly message: string;
}

/** Tells Kubernetes of events. Returns at once and never throws: an event that cannot be told is logged and forgotten. */
export interface ClusterEvents {
  tell(event: ClusterEvent): void;
}

/** For gateways that tell nobody. */
export const NO_EVENTS: ClusterEvents = { tell: () => undefined };
