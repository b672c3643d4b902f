import {
  desiredReplicas,
  type Fields,
  type KubernetesObject,
  podOfStatefulSet,
  statefulSetRevision,
  textAt,
} from '#model/kubernetes';
import { withDefaults } from '../admission/defaults.js';
import { type ObjectStore, storageKey } from '../storage/object-store.js';
import type { ObjectWriter } from '../storage/object-writer.js';
import type { Controller } from './controller-loop.js';
import { allPods, isReady } from './owned-pods.js';

const RESOURCE = 'statefulsets.apps';

/** Keeps pods 0 to replicas-1 of a StatefulSet; rolls to a new template one pod at a time, the highest ordinal first. */
export function statefulSetController(store: ObjectStore, writer: ObjectWriter): Controller {
  return {
    resource: RESOURCE,
    reconcile(set) {
      if (set.metadata.deletionTimestamp !== undefined) return;
      const wanted = Array.from({ length: desiredReplicas(set) }, (_, ordinal) => podOfStatefulSet(set, ordinal));
      for (const pod of wanted) {
        if (store.get('pods', storageKey(pod)) === undefined) writer.add('pods', withDefaults(pod));
      }
      const names = new Set(wanted.map((pod) => pod.metadata.name));
      const pods = allPods(store, set).filter((pod) => pod.metadata.deletionTimestamp === undefined);
      for (const pod of pods.filter((pod) => !names.has(pod.metadata.name))) writer.delete('pods', pod);
      roll(set, pods, writer);
      writer.change(RESOURCE, { ...set, status: statusOf(set, allPods(store, set)) });
    },
    concerns: (event) => (event.resource === 'pods' && event.type === 'DELETED' ? setsNamed(store, event.object) : []),
  };
}

/** The StatefulSet whose pod a removed pod blocked by its name: it may be made now. */
function setsNamed(store: ObjectStore, pod: KubernetesObject): readonly string[] {
  const key = storageKey(pod).replace(/-\d+$/, '');
  return store.get(RESOURCE, key) === undefined ? [] : [key];
}

function roll(set: KubernetesObject, pods: readonly KubernetesObject[], writer: ObjectWriter): void {
  if (textAt(set, 'spec', 'updateStrategy', 'type') === 'OnDelete') return;
  const outdated = pods.filter((pod) => !isCurrent(set, pod));
  const last = [...outdated].sort((a, b) => ordinalOf(a) - ordinalOf(b)).at(-1);
  if (last !== undefined && pods.length === desiredReplicas(set) && pods.every(isReady)) writer.delete('pods', last);
}

const isCurrent = (set: KubernetesObject, pod: KubernetesObject): boolean =>
  pod.metadata.labels?.['controller-revision-hash'] === statefulSetRevision(set);

const ordinalOf = (pod: KubernetesObject): number => Number(/\d+$/.exec(pod.metadata.name)?.[0] ?? 0);

function statusOf(set: KubernetesObject, pods: readonly KubernetesObject[]): Fields {
  const revision = statefulSetRevision(set);
  const updated = pods.filter((pod) => isCurrent(set, pod)).length;
  const ready = pods.filter(isReady).length;
  const done = updated === pods.length;
  return {
    observedGeneration: set.metadata.generation ?? 1,
    replicas: pods.length,
    readyReplicas: ready,
    availableReplicas: ready,
    updatedReplicas: updated,
    currentReplicas: done ? pods.length : pods.length - updated,
    currentRevision: done ? revision : (textAt(set, 'status', 'currentRevision') ?? revision),
    updateRevision: revision,
    collisionCount: 0,
  };
}
