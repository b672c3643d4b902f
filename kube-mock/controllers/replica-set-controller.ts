import {
  desiredReplicas,
  fieldAt,
  type KubernetesObject,
  matchesSelector,
  podOfReplicaSet,
  selectorOf,
} from '#model/kubernetes';
import { withDefaults } from '../admission/defaults.js';
import type { ObjectStore } from '../storage/object-store.js';
import type { ObjectWriter } from '../storage/object-writer.js';
import type { Controller } from './controller-loop.js';
import { isReady, livePods } from './owned-pods.js';
import { PodNames } from './pod-names.js';

/**
 * Keeps as many pods as a ReplicaSet asks for: makes what lacks, deletes the youngest of too many. A pod whose labels no
 * longer match is released and lives on by itself.
 */
export function replicaSetController(store: ObjectStore, writer: ObjectWriter): Controller {
  const names = new PodNames();
  return {
    resource: 'replicasets.apps',
    reconcile(set) {
      if (set.metadata.deletionTimestamp !== undefined) return;
      for (const pod of livePods(store, set)) if (!isSelected(set, pod)) release(writer, set, pod);
      const pods = livePods(store, set);
      const wanted = desiredReplicas(set);
      for (let count = pods.length; count < wanted; count += 1) {
        writer.add('pods', withDefaults(names.next(store, set, (ordinal) => podOfReplicaSet(set, ordinal))));
      }
      for (const pod of pods.slice(wanted)) writer.delete('pods', pod);
      writer.change('replicasets.apps', { ...set, status: statusOf(set, livePods(store, set)) });
    },
    removed: (set) => names.forget(set),
  };
}

const isSelected = (set: KubernetesObject, pod: KubernetesObject): boolean =>
  matchesSelector(selectorOf(fieldAt(set, 'spec', 'selector')), pod.metadata.labels ?? {});

function release(writer: ObjectWriter, set: KubernetesObject, pod: KubernetesObject): void {
  const owners = (pod.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== set.metadata.uid);
  writer.change('pods', { ...pod, metadata: { ...pod.metadata, ownerReferences: owners } });
}

function statusOf(set: KubernetesObject, pods: readonly KubernetesObject[]): Record<string, unknown> {
  const ready = pods.filter(isReady).length;
  return {
    replicas: pods.length,
    fullyLabeledReplicas: pods.length,
    ...(ready > 0 ? { readyReplicas: ready, availableReplicas: ready } : {}),
    observedGeneration: set.metadata.generation ?? 1,
  };
}
