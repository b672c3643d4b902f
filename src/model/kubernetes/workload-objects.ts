import { type Fields, fieldsAt, numberAt, stringMapAt, textAt, withoutUndefined } from './fields.js';
import type { KubernetesObject, OwnerReference } from './object.js';
import { podTemplateDefaults } from './pod-defaults.js';
import { generatedPodName, podTemplateHash } from './workload-names.js';

/** Replicas a workload asks for; one where `spec.replicas` is missing (API type `DeploymentSpec`). */
export const desiredReplicas = (workload: KubernetesObject): number => numberAt(workload, 'spec', 'replicas') ?? 1;

/** The owner reference a controller writes into what it makes (apimachinery `NewControllerRef`). */
export const controllerReference = (owner: KubernetesObject): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
});

/** The owner reference that is the controller of an object. */
export const controllerOf = (object: KubernetesObject): OwnerReference | undefined =>
  object.metadata.ownerReferences?.find((reference) => reference.controller === true);

/**
 * The ReplicaSet of a Deployment's present template: `<deployment>-<hash>`, its selector and labels widened by
 * `pod-template-hash`, owned by the Deployment, asking for `replicas` pods.
 */
export function replicaSetOf(deployment: KubernetesObject, replicas = desiredReplicas(deployment)): KubernetesObject {
  const template = podTemplateDefaults(fieldsAt(deployment, 'spec', 'template'));
  const hash = podTemplateHash(template);
  const labelled = addLabels(template, { 'pod-template-hash': hash });
  const selector = fieldsAt(deployment, 'spec', 'selector');
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      ...namespaceOf(deployment),
      labels: stringMapAt(labelled, 'metadata', 'labels'),
      ownerReferences: [controllerReference(deployment)],
    },
    spec: withoutUndefined({
      replicas,
      minReadySeconds: numberAt(deployment, 'spec', 'minReadySeconds'),
      selector: {
        ...selector,
        matchLabels: { ...stringMapAt(selector, 'matchLabels'), 'pod-template-hash': hash },
      },
      template: labelled,
    }),
  };
}

/** Pod number `ordinal` of a ReplicaSet. */
export const podOfReplicaSet = (replicaSet: KubernetesObject, ordinal: number): KubernetesObject =>
  podOf(replicaSet, { name: generatedPodName(replicaSet.metadata.name, ordinal), generated: true });

/** Pod number `ordinal` of a StatefulSet: `<set>-<ordinal>`, with the hostname and labels the controller gives it. */
export function podOfStatefulSet(set: KubernetesObject, ordinal: number): KubernetesObject {
  const name = `${set.metadata.name}-${ordinal}`;
  const subdomain = textAt(set, 'spec', 'serviceName');
  return podOf(set, {
    name,
    labels: {
      'apps.kubernetes.io/pod-index': String(ordinal),
      'controller-revision-hash': statefulSetRevision(set),
      'statefulset.kubernetes.io/pod-name': name,
    },
    spec: { hostname: name, ...(subdomain === undefined || subdomain === '' ? {} : { subdomain }) },
  });
}

/** The revision name of a StatefulSet's present template. */
export const statefulSetRevision = (set: KubernetesObject): string =>
  `${set.metadata.name}-${podTemplateHash(fieldsAt(set, 'spec', 'template'))}`;

/** Pod number `ordinal` of a DaemonSet, bound to its node from the start. */
export function podOfDaemonSet(set: KubernetesObject, ordinal: number, node: string): KubernetesObject {
  return podOf(set, {
    name: generatedPodName(set.metadata.name, ordinal),
    generated: true,
    labels: { 'controller-revision-hash': daemonSetRevision(set) },
    spec: { nodeName: node },
  });
}

/** The value of `controller-revision-hash` of a DaemonSet's present template. */
export const daemonSetRevision = (set: KubernetesObject): string => podTemplateHash(fieldsAt(set, 'spec', 'template'));

interface PodParts {
  readonly name: string;
  readonly generated?: true;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Fields;
}

function podOf(owner: KubernetesObject, parts: PodParts): KubernetesObject {
  const template = podTemplateDefaults(fieldsAt(owner, 'spec', 'template'));
  const annotations = stringMapAt(template, 'metadata', 'annotations');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: parts.name,
      ...(parts.generated === true ? { generateName: `${owner.metadata.name}-` } : {}),
      ...namespaceOf(owner),
      labels: { ...stringMapAt(template, 'metadata', 'labels'), ...parts.labels },
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      ownerReferences: [controllerReference(owner)],
    },
    spec: { ...fieldsAt(template, 'spec'), ...parts.spec },
  };
}

const namespaceOf = (object: KubernetesObject): { namespace?: string } =>
  object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace };

const addLabels = (template: Fields, labels: Readonly<Record<string, string>>): Fields => ({
  ...template,
  metadata: {
    ...fieldsAt(template, 'metadata'),
    labels: { ...stringMapAt(template, 'metadata', 'labels'), ...labels },
  },
});
