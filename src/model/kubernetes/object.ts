/** Labels or annotations. */
export type StringMap = Readonly<Record<string, string>>;

/** Reference to the object that owns another, as far as we read it. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** Metadata of an API object (Kubernetes API conventions, "Metadata"). */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly generateName?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: StringMap;
  readonly annotations?: StringMap;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
}

/** Any API object as JSON: what a manifest holds and what the API server sends. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** `Kind/namespace/name`, or `Kind/name` without a namespace: how messages name an object. */
export const objectName = (object: {
  readonly kind: string;
  readonly metadata: { readonly name?: string; readonly namespace?: string };
}): string =>
  [object.kind, object.metadata.namespace, object.metadata.name ?? '(no name)']
    .filter((part) => part !== undefined)
    .join('/');
