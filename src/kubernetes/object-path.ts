import type { ResourceSpec } from './resource.js';
import { RESOURCE_SPECS } from './resource.js';

/** A kind that the gateway may name or write. */
export interface KnownKind extends ResourceSpec {
  readonly namespaced: boolean;
}

const own = (plural: string, kind: string, namespaced: boolean): KnownKind => ({
  path: `/apis/aci-gateway.io/v1alpha1/${plural}`,
  apiVersion: 'aci-gateway.io/v1alpha1',
  kind,
  namespaced,
});

const NAMESPACED: ReadonlySet<string> = new Set(['Pod', 'NetworkPolicy', 'FabricPolicy']);

/** Kinds of workloads: marks of groups that were split by workload name them. */
const WORKLOADS: readonly KnownKind[] = [
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].map((kind) => workload('apps/v1', kind)),
  ...['Job', 'CronJob'].map((kind) => workload('batch/v1', kind)),
];

function workload(apiVersion: string, kind: string): KnownKind {
  return { path: `/apis/${apiVersion}/${kind.toLowerCase()}s`, apiVersion, kind, namespaced: true };
}

const KINDS: ReadonlyMap<string, KnownKind> = new Map(
  [
    ...Object.values(RESOURCE_SPECS).map((spec) => ({ ...spec, namespaced: NAMESPACED.has(spec.kind) })),
    ...WORKLOADS,
    own('fabricgroups', 'FabricGroup', false),
  ].map((kind) => [kind.kind, kind]),
);

/** What is known of a kind; undefined for one that is nothing to the gateway. */
export const kindNamed = (kind: string): KnownKind | undefined => KINDS.get(kind);

/** An object as findings name it, taken apart. */
export interface NamedObject {
  readonly kind: KnownKind;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** Reads `Kind/namespace/name` or `Kind/name`; undefined for what is no object of a kind that the gateway knows. */
export function readObjectName(text: string): NamedObject | undefined {
  const [kindName = '', first, second, ...more] = text.split('/');
  const kind = kindNamed(kindName);
  if (kind === undefined || more.length > 0) return undefined;
  const [namespace, name] = kind.namespaced ? [first, second] : [undefined, first];
  if (name === undefined || name === '' || namespace === '' || (!kind.namespaced && second !== undefined)) {
    return undefined;
  }
  return { kind, namespace, name };
}

/** Path of an object in the API (API concepts, "Resource URIs"). */
export function objectPath({ path }: ResourceSpec, namespace: string | undefined, name: string): string {
  if (namespace === undefined) return `${path}/${encodeURIComponent(name)}`;
  const cut = path.lastIndexOf('/');
  return `${path.slice(0, cut)}/namespaces/${encodeURIComponent(namespace)}${path.slice(cut)}/${encodeURIComponent(name)}`;
}
