import type { KubernetesObject } from '#model/kubernetes';
import { keyOf, type ObjectStore, type StoreEvent, storageKey } from '../storage/object-store.js';

/** Brings the world of one object to where the object says it should be. Called again after every change that matters. */
export type Reconcile = (object: KubernetesObject) => void;

/** Reconciles per resource; told of removals as well, with the last state. */
export interface Controller {
  readonly resource: string;
  readonly reconcile: Reconcile;
  readonly removed?: (object: KubernetesObject) => void;
  /** Objects of this resource that a change of another object concerns, by key. */
  readonly concerns?: (event: StoreEvent) => readonly string[];
}

const OWNER_RESOURCES: Readonly<Record<string, string>> = {
  Deployment: 'deployments.apps',
  ReplicaSet: 'replicasets.apps',
  StatefulSet: 'statefulsets.apps',
  DaemonSet: 'daemonsets.apps',
};

/** More rounds than any settling needs: a pair of controllers that undo each other's work must not hang the server. */
const MAX_ROUNDS = 1_000_000;

/** A first-in, first-out queue of object keys, worked off by {@link settle}: the same changes give the same order. */
export class ControllerLoop {
  readonly #store: ObjectStore;
  readonly #controllers: readonly Controller[];
  readonly #queue = new Map<string, { readonly controller: Controller; readonly key: string }>();
  #settling = false;

  constructor(store: ObjectStore, controllers: readonly Controller[]) {
    this.#store = store;
    this.#controllers = controllers;
    store.onChange((event) => this.#enqueue(event));
  }

  /** Runs controllers until nothing is left to do. */
  settle(): void {
    if (this.#settling) return;
    this.#settling = true;
    try {
      for (let round = 0; this.#queue.size > 0; round += 1) {
        if (round > MAX_ROUNDS) throw new Error('the controllers do not come to rest');
        this.#next();
      }
    } finally {
      this.#settling = false;
    }
  }

  #next(): void {
    for (const [id, { controller, key }] of this.#queue) {
      this.#queue.delete(id);
      const object = this.#store.get(controller.resource, key);
      if (object !== undefined) controller.reconcile(object);
      return;
    }
  }

  #enqueue(event: StoreEvent): void {
    for (const controller of this.#controllers) {
      if (controller.resource === event.resource) {
        if (event.type === 'DELETED') controller.removed?.(event.object);
        else this.#add(controller, storageKey(event.object));
      }
      for (const owner of event.object.metadata.ownerReferences ?? []) {
        if (OWNER_RESOURCES[owner.kind] !== controller.resource) continue;
        this.#add(controller, keyOf(event.object.metadata.namespace, owner.name));
      }
      for (const key of controller.concerns?.(event) ?? []) this.#add(controller, key);
    }
  }

  #add(controller: Controller, key: string): void {
    const id = `${controller.resource}|${key}`;
    if (!this.#queue.has(id)) this.#queue.set(id, { controller, key });
  }
}
