import { type Fields, fieldsAt, listAt, stringMapAt } from './fields.js';
import { type KubernetesObject, objectName } from './object.js';
import { podTemplateHash } from './workload-names.js';

const NAMESPACED_KINDS: ReadonlySet<string> = new Set(
  ['Pod', 'Service', 'Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'NetworkPolicy', 'EndpointSlice'].concat([
    'ConfigMap',
    'Secret',
    'ServiceAccount',
    'Job',
    'CronJob',
    'Ingress',
    'Role',
    'RoleBinding',
    'Lease',
  ]),
);

/** The objects with every list (`List`, `PodList`, …) replaced by its items; items of a typed list get its kind. */
export const flattenLists = (objects: readonly KubernetesObject[]): readonly KubernetesObject[] =>
  objects.flatMap((object) => {
    if (!object.kind.endsWith('List') || !Array.isArray(object.items)) return [object];
    const kind = object.kind.slice(0, -'List'.length);
    const items = listAt(object, 'items') as readonly KubernetesObject[];
    const typed = (item: KubernetesObject): KubernetesObject =>
      kind === '' ? item : { ...item, apiVersion: object.apiVersion, kind };
    return flattenLists(items.map(typed));
  });

/** The object with the namespace `default` where a kind that lies in a namespace names none, as kubectl sends it. */
export const withNamespace = (object: KubernetesObject): KubernetesObject =>
  NAMESPACED_KINDS.has(object.kind) && (object.metadata?.namespace ?? '') === ''
    ? { ...object, metadata: { ...object.metadata, namespace: 'default' } }
    : object;

/** The ReplicaSet, of those given, that was made of a Deployment's present template. */
export function replicaSetOfTemplate(
  deployment: KubernetesObject,
  replicaSets: readonly KubernetesObject[],
): KubernetesObject | undefined {
  const wanted = podTemplateHash(fieldsAt(deployment, 'spec', 'template'));
  return replicaSets.find((set) => podTemplateHash(withoutHashLabel(fieldsAt(set, 'spec', 'template'))) === wanted);
}

/** `Kind/namespace/name` with the API group: the identity of an object among files. */
export const identityOf = (object: KubernetesObject): string =>
  `${object.apiVersion.includes('/') ? (object.apiVersion.split('/')[0] ?? '') : ''}:${objectName(object)}`;

function withoutHashLabel(template: Fields): Fields {
  const { 'pod-template-hash': _, ...labels } = stringMapAt(template, 'metadata', 'labels');
  return { ...template, metadata: { ...fieldsAt(template, 'metadata'), labels } };
}
