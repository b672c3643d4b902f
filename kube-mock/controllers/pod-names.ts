import type { KubernetesObject } from '#model/kubernetes';
import { type ObjectStore, storageKey } from '../storage/object-store.js';

/** Numbers the pods of each owner, so that a replacement has a name that no pod of the owner had before. */
export class PodNames {
  readonly #next = new Map<string, number>();

  /** The owner's next pod whose name is free. */
  next(store: ObjectStore, owner: KubernetesObject, make: (ordinal: number) => KubernetesObject): KubernetesObject {
    const uid = owner.metadata.uid ?? '';
    for (;;) {
      const ordinal = this.#next.get(uid) ?? 0;
      this.#next.set(uid, ordinal + 1);
      const pod = make(ordinal);
      if (store.get('pods', storageKey(pod)) === undefined) return pod;
    }
  }

  /** Forgets an owner that is gone. */
  forget(owner: KubernetesObject): void {
    this.#next.delete(owner.metadata.uid ?? '');
  }
}
