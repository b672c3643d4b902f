import type { KubernetesObject } from '#model/kubernetes';
import type { WatchedResource } from '#ports';

/** Where a resource is found, and what its objects are. */
export interface ResourceSpec {
  readonly path: string;
  readonly apiVersion: string;
  readonly kind: string;
  /** True for a resource that a cluster may do without: it comes with a CustomResourceDefinition. */
  readonly optional?: true;
}

/** The watched resources in the API (Kubernetes API reference). */
export const RESOURCE_SPECS: Readonly<Record<WatchedResource, ResourceSpec>> = {
  namespaces: { path: '/api/v1/namespaces', apiVersion: 'v1', kind: 'Namespace' },
  nodes: { path: '/api/v1/nodes', apiVersion: 'v1', kind: 'Node' },
  pods: { path: '/api/v1/pods', apiVersion: 'v1', kind: 'Pod' },
  networkpolicies: {
    path: '/apis/networking.k8s.io/v1/networkpolicies',
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
  },
  adminnetworkpolicies: tiered('v1alpha1', 'adminnetworkpolicies', 'AdminNetworkPolicy'),
  baselineadminnetworkpolicies: tiered('v1alpha1', 'baselineadminnetworkpolicies', 'BaselineAdminNetworkPolicy'),
  fabricpolicies: {
    path: '/apis/aci-gateway.io/v1alpha1/fabricpolicies',
    apiVersion: 'aci-gateway.io/v1alpha1',
    kind: 'FabricPolicy',
    optional: true,
  },
  clusternetworkpolicies: tiered('v1alpha2', 'clusternetworkpolicies', 'ClusterNetworkPolicy'),
};

/** A resource of the network-policy-api. */
function tiered(version: string, plural: string, kind: string): ResourceSpec {
  const apiVersion = `policy.networking.k8s.io/${version}`;
  return { path: `/apis/${apiVersion}/${plural}`, apiVersion, kind, optional: true };
}

/**
 * An object as the gateway keeps it: `managedFields` dropped, which are half of a pod's bytes and nothing to us;
 * apiVersion and kind added, which the items of a list do not carry. Undefined for what is no object.
 */
export function trimmed(item: unknown, { apiVersion, kind }: ResourceSpec): KubernetesObject | undefined {
  if (!isRecord(item) || !isRecord(item['metadata'])) return undefined;
  const { managedFields: _, ...metadata } = item['metadata'];
  const { name } = metadata;
  if (typeof name !== 'string') return undefined;
  return { ...item, apiVersion, kind, metadata: { ...metadata, name } };
}

/** Whether a value of JSON is an object. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
