import { type Fields, fieldAt, isCompletedPod, type KubernetesObject, listAt } from '#model/kubernetes';
import type { ObjectStore } from '../storage/object-store.js';

/** The pods that an object controls and that count: not completed, not being deleted. In the order of their creation. */
export const livePods = (store: ObjectStore, owner: KubernetesObject): readonly KubernetesObject[] =>
  allPods(store, owner).filter((pod) => !isCompletedPod(pod) && pod.metadata.deletionTimestamp === undefined);

/** All pods that an object controls. */
export const allPods = (store: ObjectStore, owner: KubernetesObject): readonly KubernetesObject[] =>
  store
    .ownedBy(owner.metadata.uid ?? '')
    .filter(({ resource }) => resource === 'pods')
    .map(({ object }) => object);

/** True for a pod whose `Ready` condition holds. */
export const isReady = (pod: KubernetesObject): boolean =>
  listAt(pod, 'status', 'conditions').some(
    (condition) => fieldAt(condition, 'type') === 'Ready' && fieldAt(condition, 'status') === 'True',
  );

/** A condition whose `lastTransitionTime` stays while its status stays. */
export function condition(owner: KubernetesObject, now: string, next: Fields): Fields {
  const held = listAt(owner, 'status', 'conditions').find((item) => fieldAt(item, 'type') === next.type);
  const same = fieldAt(held, 'status') === next.status;
  return { ...next, lastTransitionTime: (same ? fieldAt(held, 'lastTransitionTime') : undefined) ?? now };
}
