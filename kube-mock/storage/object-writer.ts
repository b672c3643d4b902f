import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { fieldAt, isCompletedPod, type KubernetesObject, textAt } from '#model/kubernetes';
import { type ObjectStore, storageKey } from './object-store.js';

/** How an object is deleted. */
export interface Deletion {
  /** Seconds a pod gets to end; 0 removes it at once. Undefined takes the pod's own `terminationGracePeriodSeconds`. */
  readonly graceSeconds?: number | undefined;
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan' | undefined;
}

const FOREGROUND = 'foregroundDeletion';

/** Writes to the store as the API server's storage layer does: stamps what is new, counts generations, deletes in steps. */
export class ObjectWriter {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** The time as the API writes it: RFC 3339 without fractions. */
  now(): string {
    return `${new Date().toISOString().slice(0, 19)}Z`;
  }

  /** Stores a new object with uid, creationTimestamp and generation 1. A uid that it brings is kept. */
  add(resource: string, object: KubernetesObject): KubernetesObject {
    return this.#store.put(resource, this.stamped(object));
  }

  /** The object as {@link add} stores it, without storing it (a dry run). */
  stamped(object: KubernetesObject): KubernetesObject {
    return {
      ...object,
      metadata: {
        ...object.metadata,
        uid: object.metadata.uid ?? randomUUID(),
        creationTimestamp: this.now(),
        ...(countsGenerations(object) ? { generation: 1 } : {}),
      },
    };
  }

  /**
   * Replaces an object that is there. Nothing is written, and no watch is told, when nothing changed; a changed `spec`
   * counts the generation up; a deleted object whose last finalizer goes is removed.
   */
  change(resource: string, object: KubernetesObject): KubernetesObject {
    const key = storageKey(object);
    const current = this.#store.get(resource, key);
    if (current === undefined) return object;
    const next = counted(object, current);
    if (isDeepStrictEqual(next, current)) return current;
    const { deletionTimestamp, finalizers, deletionGracePeriodSeconds } = next.metadata;
    const ended = deletionTimestamp !== undefined && (deletionGracePeriodSeconds ?? 0) === 0;
    if (ended && (finalizers ?? []).length === 0 && !holdsNamespace(next)) {
      return this.#store.remove(resource, key) ?? next;
    }
    return this.#store.put(resource, next);
  }

  /** Begins the deletion of an object: removes it, or marks it where a finalizer, a kubelet or contents come first. */
  delete(resource: string, object: KubernetesObject, how: Deletion = {}): KubernetesObject {
    const uid = object.metadata.uid ?? '';
    if (how.propagation === 'Orphan') this.#orphan(uid);
    const waits = how.propagation === 'Foreground' && this.#store.ownedBy(uid).length > 0;
    const marked = waits ? withFinalizer(object) : object;
    const grace = graceSeconds(marked, how.graceSeconds);
    if ((marked.metadata.finalizers ?? []).length === 0 && grace === 0 && !holdsNamespace(marked)) {
      return this.#store.remove(resource, storageKey(object)) ?? object;
    }
    if (object.metadata.deletionTimestamp !== undefined && !waits) return object;
    return this.#store.put(resource, terminating(marked, grace, this.now()));
  }

  /** Removes an object for good, whatever held it back. */
  remove(resource: string, object: KubernetesObject): void {
    this.#store.remove(resource, storageKey(object));
  }

  /** Deletes what a removed object owned, unless another owner is left; lets waiting foreground deletions go on. */
  collect(removed: KubernetesObject): void {
    for (const { resource, object } of this.#store.ownedBy(removed.metadata.uid ?? '')) {
      const owners = (object.metadata.ownerReferences ?? []).filter((owner) => this.#store.hasUid(owner.uid));
      if (owners.length === 0) this.delete(resource, object);
      else this.change(resource, { ...object, metadata: { ...object.metadata, ownerReferences: owners } });
    }
  }

  /** Goes on with a foreground deletion: deletes dependents, and lets the owner go when none is left. */
  continueForeground(resource: string, object: KubernetesObject): void {
    if (object.metadata.finalizers?.includes(FOREGROUND) !== true) return;
    const dependents = this.#store.ownedBy(object.metadata.uid ?? '');
    for (const dependent of dependents)
      this.delete(dependent.resource, dependent.object, { propagation: 'Foreground' });
    if (this.#store.ownedBy(object.metadata.uid ?? '').length > 0) return;
    const finalizers = object.metadata.finalizers.filter((name) => name !== FOREGROUND);
    this.change(resource, { ...object, metadata: { ...object.metadata, finalizers } });
  }

  #orphan(uid: string): void {
    for (const { resource, object } of this.#store.ownedBy(uid)) {
      const ownerReferences = (object.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== uid);
      this.change(resource, { ...object, metadata: { ...object.metadata, ownerReferences } });
    }
  }
}

/** Kinds whose `metadata.generation` the API server counts. */
const countsGenerations = (object: KubernetesObject): boolean =>
  object.spec !== undefined && !['Namespace', 'Node', 'Service', 'Lease'].includes(object.kind);

function counted(object: KubernetesObject, current: KubernetesObject): KubernetesObject {
  const changed = countsGenerations(object) && !isDeepStrictEqual(object.spec, current.spec);
  const generation = (current.metadata.generation ?? 0) + (changed ? 1 : 0);
  return {
    ...object,
    metadata: {
      ...object.metadata,
      ...(current.metadata.resourceVersion === undefined ? {} : { resourceVersion: current.metadata.resourceVersion }),
      ...(generation > 0 ? { generation } : {}),
    },
  };
}

/** A Namespace waits until its contents are gone. */
const holdsNamespace = (object: KubernetesObject): boolean => {
  const finalizers = fieldAt(object, 'spec', 'finalizers');
  return (
    object.kind === 'Namespace' && object.apiVersion === 'v1' && Array.isArray(finalizers) && finalizers.length > 0
  );
};

/** A pod on a node ends by its kubelet; everything else at once. */
function graceSeconds(object: KubernetesObject, asked: number | undefined): number {
  const runs = object.kind === 'Pod' && textAt(object, 'spec', 'nodeName') !== undefined && !isCompletedPod(object);
  if (!runs) return 0;
  const own = fieldAt(object, 'spec', 'terminationGracePeriodSeconds');
  return asked ?? (typeof own === 'number' ? own : 30);
}

const withFinalizer = (object: KubernetesObject): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, finalizers: [...new Set([...(object.metadata.finalizers ?? []), FOREGROUND])] },
});

const terminating = (object: KubernetesObject, grace: number, now: string): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, deletionTimestamp: now, deletionGracePeriodSeconds: grace },
  ...(holdsNamespace(object) ? { status: { phase: 'Terminating' } } : {}),
});
