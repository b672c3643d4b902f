import { type KubernetesObject, objectName } from '#model/kubernetes';
import type { ClusterWriter } from '#ports';

/** What is written to Kubernetes, kept in memory, and how often statuses were. */
export interface KeptObjects {
  readonly writer: ClusterWriter;
  /** By `Kind/namespace/name`. */
  readonly objects: Map<string, KubernetesObject>;
  /** Names of the objects whose status was written, in order. */
  readonly statuses: string[];
}

/** An API server that takes everything. What is applied to a status replaces it. */
export function keptInMemory(...given: readonly KubernetesObject[]): KeptObjects {
  const objects = new Map(given.map((object) => [objectName(object), object]));
  const statuses: string[] = [];
  return {
    objects,
    statuses,
    writer: {
      list: (kind) => Promise.resolve([...objects.values()].filter((object) => object.kind === kind)),
      apply: (object) => Promise.resolve(void objects.set(objectName(object), object)),
      applyStatus: (object) => {
        const name = objectName(object);
        statuses.push(name);
        objects.set(name, { ...(objects.get(name) ?? object), status: object['status'] });
        return Promise.resolve();
      },
      remove: (object) => Promise.resolve(void objects.delete(objectName(object))),
    },
  };
}
