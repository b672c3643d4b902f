import type { KubernetesObject } from '#model/kubernetes';
import { expired } from '../protocol/api-error.js';

/** One change: what a watch tells. */
export interface StoreEvent {
  readonly revision: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: string;
  /** After the change; for DELETED the last state, with the revision of the deletion. */
  readonly object: KubernetesObject;
  readonly previous: KubernetesObject | undefined;
}

/** `namespace/name`, or the name of a cluster-scoped object. Sorts as the API server's keys do. */
export const storageKey = (object: KubernetesObject): string => keyOf(object.metadata.namespace, object.metadata.name);

/** The storage key of a name in a namespace. */
export const keyOf = (namespace: string | undefined, name: string): string =>
  namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;

/**
 * The objects, one revision counter for all, and the history that watches and continued lists read. Objects are
 * immutable: a write replaces them. An object's `metadata.resourceVersion` is the revision of its last write.
 */
export class ObjectStore {
  readonly #objects = new Map<string, Map<string, KubernetesObject>>();
  readonly #owned = new Map<string, Set<string>>();
  readonly #uids = new Map<string, { readonly resource: string; readonly key: string }>();
  readonly #listeners = new Set<(event: StoreEvent) => void>();
  readonly #historyLength: number;
  #history: StoreEvent[] = [];
  readonly #pending: StoreEvent[] = [];
  #revision = 0;
  #oldest = 0;

  constructor(historyLength: number) {
    this.#historyLength = historyLength;
  }

  /** Revision of the last write. */
  get revision(): number {
    return this.#revision;
  }

  /** The object with a key. */
  get(resource: string, key: string): KubernetesObject | undefined {
    return this.#objects.get(resource)?.get(key);
  }

  /** The objects of a resource, of one namespace where one is given, in the order of their keys. */
  list(resource: string, namespace?: string): readonly KubernetesObject[] {
    const all = [...(this.#objects.get(resource)?.entries() ?? [])];
    const prefix = namespace === undefined ? '' : `${namespace}/`;
    return all
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object);
  }

  /** The objects of a resource as they were at a revision. Throws 410 Expired when the history no longer reaches it. */
  listAt(resource: string, revision: number, namespace?: string): readonly KubernetesObject[] {
    const objects = new Map(this.list(resource, namespace).map((object) => [storageKey(object), object]));
    for (const event of this.since(revision).reverse()) {
      if (event.resource !== resource) continue;
      if (namespace !== undefined && event.object.metadata.namespace !== namespace) continue;
      if (event.previous === undefined) objects.delete(storageKey(event.object));
      else objects.set(storageKey(event.object), event.previous);
    }
    return [...objects.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  }

  /** The events after a revision, oldest first. Throws 410 Expired when some of them are gone. */
  since(revision: number): StoreEvent[] {
    if (revision < this.#oldest) {
      throw expired(`too old resource version: ${revision} (${this.#oldest})`);
    }
    return this.#history.filter((event) => event.revision > revision);
  }

  /** Forgets the history: every watch and continued list from before now is answered 410 Expired. */
  compact(): void {
    this.#revision += 1;
    this.#oldest = this.#revision;
    this.#history = [];
  }

  /** Writes an object, new or changed. Gives it as stored, with its new resourceVersion. */
  put(resource: string, object: KubernetesObject): KubernetesObject {
    this.#revision += 1;
    const stored = withRevision(object, this.#revision);
    const key = storageKey(stored);
    const objects = this.#objects.get(resource) ?? new Map<string, KubernetesObject>();
    this.#objects.set(resource, objects);
    const previous = objects.get(key);
    objects.set(key, stored);
    if (previous !== undefined) this.#disown(resource, key, previous);
    this.#own(resource, key, stored);
    if (stored.metadata.uid !== undefined) this.#uids.set(stored.metadata.uid, { resource, key });
    const type = previous === undefined ? 'ADDED' : 'MODIFIED';
    this.#emit({ revision: this.#revision, type, resource, object: stored, previous });
    return stored;
  }

  /** Removes an object. Gives its last state, with the revision of the deletion. */
  remove(resource: string, key: string): KubernetesObject | undefined {
    const previous = this.#objects.get(resource)?.get(key);
    if (previous === undefined) return undefined;
    this.#revision += 1;
    this.#objects.get(resource)?.delete(key);
    this.#disown(resource, key, previous);
    this.#uids.delete(previous.metadata.uid ?? '');
    const object = withRevision(previous, this.#revision);
    this.#emit({ revision: this.#revision, type: 'DELETED', resource, object, previous });
    return object;
  }

  /** Objects that name a uid among their ownerReferences. */
  ownedBy(uid: string): readonly { readonly resource: string; readonly object: KubernetesObject }[] {
    return [...(this.#owned.get(uid) ?? [])].flatMap((place) => {
      const cut = place.indexOf('|');
      const resource = place.slice(0, cut);
      const object = this.get(resource, place.slice(cut + 1));
      return object === undefined ? [] : [{ resource, object }];
    });
  }

  /** True while an object with the uid is there. */
  hasUid(uid: string): boolean {
    return this.#uids.has(uid);
  }

  /** The object with a uid. */
  find(uid: string): { readonly resource: string; readonly object: KubernetesObject } | undefined {
    const place = this.#uids.get(uid);
    const object = place === undefined ? undefined : this.get(place.resource, place.key);
    return place === undefined || object === undefined ? undefined : { resource: place.resource, object };
  }

  /** Names of the resources that hold objects. */
  resources(): readonly string[] {
    return [...this.#objects.keys()];
  }

  /** Calls a listener after every change, synchronously, until the returned function is called. */
  onChange(listener: (event: StoreEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #emit(event: StoreEvent): void {
    this.#history.push(event);
    if (this.#history.length > 2 * this.#historyLength) {
      this.#history = this.#history.slice(-this.#historyLength);
      this.#oldest = (this.#history[0]?.revision ?? this.#revision + 1) - 1;
    }
    this.#pending.push(event);
    if (this.#pending.length > 1) return;
    // A listener that writes queues its event: everybody hears of changes in the order of their revisions.
    for (let next: StoreEvent | undefined = event; next !== undefined; next = this.#pending[0]) {
      for (const listener of this.#listeners) listener(next);
      this.#pending.shift();
    }
  }

  #own(resource: string, key: string, object: KubernetesObject): void {
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const places = this.#owned.get(uid) ?? new Set<string>();
      this.#owned.set(uid, places.add(`${resource}|${key}`));
    }
  }

  #disown(resource: string, key: string, object: KubernetesObject): void {
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const places = this.#owned.get(uid);
      places?.delete(`${resource}|${key}`);
      if (places?.size === 0) this.#owned.delete(uid);
    }
  }
}

/** The object with fields in the order in which the server writes them, and its new resourceVersion. */
function withRevision(object: KubernetesObject, revision: number): KubernetesObject {
  const { kind, apiVersion, metadata, ...rest } = object;
  return { kind, apiVersion, metadata: { ...metadata, resourceVersion: String(revision) }, ...rest };
}
