import {
  type Fields,
  fieldAt,
  fieldsAt,
  type KubernetesObject,
  listAt,
  numberAt,
  stringMapAt,
} from '#model/kubernetes';
import { selectorText } from '../tables/workload-columns.js';
import { badRequest } from './api-error.js';

/** The `scale` subresource of a workload (API type `autoscaling/v1 Scale`). */
export function scaleOf(workload: KubernetesObject): Fields {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = workload.metadata;
  const selector = fieldAt(workload, 'spec', 'selector');
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: numberAt(workload, 'spec', 'replicas') ?? 0 },
    status: {
      replicas: numberAt(workload, 'status', 'replicas') ?? 0,
      ...(isSimple(selector) ? { selector: selectorText(selector) } : {}),
    },
  };
}

/** The workload with the replicas of a Scale; it keeps the Scale's resourceVersion, which guards the write. */
export function withScale(workload: KubernetesObject, scale: unknown): KubernetesObject {
  const replicas = fieldAt(scale, 'spec', 'replicas') ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0) {
    throw badRequest(`spec.replicas: ${JSON.stringify(replicas)} is not a whole number of at least 0`);
  }
  const asked = fieldAt(scale, 'metadata', 'resourceVersion');
  return {
    ...workload,
    metadata: {
      ...workload.metadata,
      ...(typeof asked === 'string' && asked !== '' ? { resourceVersion: asked } : {}),
    },
    spec: { ...fieldsAt(workload, 'spec'), replicas },
  };
}

const isSimple = (selector: unknown): boolean =>
  Object.keys(stringMapAt(selector, 'matchLabels')).length > 0 || listAt(selector, 'matchExpressions').length > 0;
