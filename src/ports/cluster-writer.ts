import type { KubernetesObject, StringMap } from '#model/kubernetes';

/** Kinds that the gateway writes itself, in the API group `aci-gateway.io`. */
export const OWN_KINDS = ['FabricGroup'] as const;
export type OwnKind = (typeof OWN_KINDS)[number];

/** Kinds of what others write, to whose status the gateway adds conditions. */
export const STATUS_KINDS = [
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
  'ClusterNetworkPolicy',
  'FabricPolicy',
  'Namespace',
] as const;
export type StatusKind = (typeof STATUS_KINDS)[number];

/** Codes of the errors by which a {@link ClusterWriter} says why a write was not done, where one can do something about it. */
export const WRITE_ERRORS = {
  /** The gateway's account may not do that. */
  forbidden: 'KUBERNETES_FORBIDDEN',
  /** The resource is not served (its CustomResourceDefinition is not installed), or the object of a status is gone. */
  notFound: 'KUBERNETES_NOT_FOUND',
  /** Somebody else wrote at the same time, or an object of that name is not the one that was meant. */
  conflict: 'KUBERNETES_CONFLICT',
  /** The API server does not take the object as it is. */
  invalid: 'KUBERNETES_INVALID',
} as const;

/**
 * Writes objects to Kubernetes, each time in full: what was written before and is not in the object any more goes, and what
 * others wrote stays (API concepts, "Server-Side Apply"). Every call rejects with a GatewayError, one of {@link WRITE_ERRORS}
 * among its codes, or with the signal's reason.
 */
export interface ClusterWriter {
  /** Objects of a kind in all namespaces that carry all of the labels. */
  list(kind: OwnKind | StatusKind, labels: StringMap, signal: AbortSignal): Promise<readonly KubernetesObject[]>;
  /** Makes or updates the object; its `status` is not looked at. */
  apply(object: KubernetesObject, signal: AbortSignal): Promise<void>;
  /** Updates the `status` of an object that is there; nothing else of it is looked at. */
  applyStatus(object: KubernetesObject, signal: AbortSignal): Promise<void>;
  /** Deletes the object; one that is gone, or has another uid than the one given, is no error. */
  remove(object: KubernetesObject, signal: AbortSignal): Promise<void>;
}
