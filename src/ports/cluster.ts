import type { KubernetesObject } from '#model/kubernetes';

/** Policies of the tiers around NetworkPolicy: resources that a cluster may have or not (policy.networking.k8s.io). */
export const TIERED_RESOURCES = [
  'adminnetworkpolicies',
  'baselineadminnetworkpolicies',
  'clusternetworkpolicies',
] as const;

/** Resources that the gateway watches. */
export const WATCHED_RESOURCES = ['namespaces', 'nodes', 'pods', 'networkpolicies', ...TIERED_RESOURCES] as const;
/** Watched as well where the configuration grants FabricPolicies anything. */
export const FABRIC_POLICIES = 'fabricpolicies';
export type WatchedResource = (typeof WATCHED_RESOURCES)[number] | typeof FABRIC_POLICIES;

/** Takes what a watch tells, in order. Called synchronously; must not throw. */
export interface ClusterSink {
  /** The complete list of a resource: objects not in it are gone. Empty for one that the cluster does not serve. */
  replaced(resource: WatchedResource, objects: readonly KubernetesObject[]): void;
  changed(resource: WatchedResource, object: KubernetesObject): void;
  removed(resource: WatchedResource, object: KubernetesObject): void;
  /**
   * What the resource is like is not known from now on: its watch failed or expired, or another resource was found to be of an
   * earlier time, as after a restored backup. Told once until it is resumed.
   */
  interrupted(resource: WatchedResource): void;
  /** After `interrupted`: the resource was listed anew, or its watch goes on from where it was. */
  resumed(resource: WatchedResource): void;
  /** A watch is failing, in words for the operator; it goes on trying by itself. `undefined` when it works again. */
  trouble(resource: WatchedResource, reason: string | undefined): void;
}

/** The Kubernetes API as a source of lists and changes. */
export interface ClusterSource {
  /** Lists and watches until aborted, through errors, expiries and restarts of the API server. */
  run(sink: ClusterSink, signal: AbortSignal): Promise<void>;
}
