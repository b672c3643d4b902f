/** A resource of the API: what discovery tells of it and how the server treats it. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  /** All versions it is served in, the preferred one first. */
  readonly versions: readonly string[];
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly ('status' | 'scale')[];
  /** A custom resource: no strategic merge patch, list items carry their kind. */
  readonly custom: boolean;
}

/** `<plural>.<group>`, or the plural alone in the core group: the key of its storage, and its name in messages. */
export const resourceKey = (type: { readonly group: string; readonly plural: string }): string =>
  type.group === '' ? type.plural : `${type.plural}.${type.group}`;

/** `group/version`, or the version alone in the core group. */
export const groupVersion = (type: { readonly group: string; readonly version: string }): string =>
  type.group === '' ? type.version : `${type.group}/${type.version}`;

/** The name of a kind in messages: `NetworkPolicy.networking.k8s.io`, `Pod`. */
export const qualifiedKind = (type: ResourceType): string =>
  type.group === '' ? type.kind : `${type.kind}.${type.group}`;
