import type { KubernetesObject } from '#model/kubernetes';
import type { FieldError } from '../protocol/api-error.js';
import { validateCustomResourceDefinition } from './validate-definition.js';
import { validateEvent } from './validate-event.js';
import { validateMetadata } from './validate-metadata.js';
import { validateNetworkPolicy } from './validate-network-policy.js';
import { validatePod, validateService, validateWorkload } from './validate-workload.js';

type Validation = (object: KubernetesObject, before?: KubernetesObject) => readonly FieldError[];

const BY_KIND: Readonly<Record<string, Validation>> = {
  'v1/Event': validateEvent,
  'v1/Pod': validatePod,
  'v1/Service': validateService,
  'apps/v1/Deployment': validateWorkload,
  'apps/v1/ReplicaSet': validateWorkload,
  'apps/v1/StatefulSet': validateWorkload,
  'apps/v1/DaemonSet': validateWorkload,
  'networking.k8s.io/v1/NetworkPolicy': validateNetworkPolicy,
  'apiextensions.k8s.io/v1/CustomResourceDefinition': validateCustomResourceDefinition,
};

/** What is wrong with an object that is created, or that replaces `before`; empty when the API server takes it. */
export const validateObject = (object: KubernetesObject, before?: KubernetesObject): readonly FieldError[] => [
  ...validateMetadata(object),
  ...(BY_KIND[`${object.apiVersion}/${object.kind}`]?.(object, before) ?? []),
];
