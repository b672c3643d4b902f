import { fieldAt, stringMapAt } from './fields.js';
import type { KubernetesObject } from './object.js';
import { selectorOf } from './read-selector.js';
import { matchesSelector } from './selector.js';
import { controllerOf } from './workload-objects.js';

/** Which of some objects are whose, by the controller that each one names. */
export class Ownership {
  readonly #byUid = new Map<string, KubernetesObject[]>();
  readonly #byName = new Map<string, KubernetesObject[]>();
  /** What belongs to ReplicaSets that are not among the objects, by namespace. */
  readonly #orphans = new Map<string, KubernetesObject[]>();

  constructor(objects: readonly KubernetesObject[]) {
    const names = new Set(objects.map(({ kind, metadata }) => keyOf(metadata.namespace, kind, metadata.name)));
    for (const object of objects) {
      const { namespace } = object.metadata;
      const { kind, name, uid } = controllerOf(object) ?? {};
      if (kind === undefined || name === undefined) continue;
      if (uid !== undefined && uid !== '') add(this.#byUid, keyOf(namespace, uid), object);
      add(this.#byName, keyOf(namespace, kind, name), object);
      if (kind === 'ReplicaSet' && !names.has(keyOf(namespace, kind, name)))
        add(this.#orphans, keyOf(namespace), object);
    }
  }

  /** The objects that a workload controls: by uid where both have one, by kind and name in files that have none. */
  of({ kind, metadata: { namespace, name, uid } }: KubernetesObject): readonly KubernetesObject[] {
    const named = this.#byName.get(keyOf(namespace, kind, name)) ?? [];
    if (uid === undefined) return named;
    const withoutUid = named.filter((object) => (controllerOf(object)?.uid ?? '') === '');
    return [...(this.#byUid.get(keyOf(namespace, uid)) ?? []), ...withoutUid];
  }

  /**
   * The pods of a Deployment whose ReplicaSet is not among the objects, as in a listing of pods and Deployments: its selector
   * matches them, and the ReplicaSet has its name and a hash.
   */
  withoutReplicaSet(deployment: KubernetesObject): readonly KubernetesObject[] {
    const { namespace, name } = deployment.metadata;
    const selector = selectorOf(fieldAt(deployment, 'spec', 'selector'));
    return (this.#orphans.get(keyOf(namespace)) ?? []).filter((pod) => {
      const set = controllerOf(pod)?.name ?? '';
      const isNamedAfter = set.startsWith(`${name}-`) && /^[a-z0-9]+$/.test(set.slice(name.length + 1));
      return isNamedAfter && matchesSelector(selector, stringMapAt(pod, 'metadata', 'labels'));
    });
  }
}

const keyOf = (namespace: string | undefined, ...more: readonly string[]): string =>
  [namespace ?? '', ...more].join('/');

function add(map: Map<string, KubernetesObject[]>, key: string, object: KubernetesObject): void {
  const present = map.get(key);
  if (present === undefined) map.set(key, [object]);
  else present.push(object);
}
