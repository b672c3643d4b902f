import { daemonSetRevision, type Fields, type KubernetesObject, podOfDaemonSet, textAt } from '#model/kubernetes';
import { withDefaults } from '../admission/defaults.js';
import { type ObjectStore, storageKey } from '../storage/object-store.js';
import type { ObjectWriter } from '../storage/object-writer.js';
import type { Controller } from './controller-loop.js';
import { isReady, livePods } from './owned-pods.js';
import { PodNames } from './pod-names.js';
import type { PodPlacement } from './pod-placement.js';

const RESOURCE = 'daemonsets.apps';

/** Keeps one pod of a DaemonSet on every node; replaces pods of an earlier template. */
export function daemonSetController(store: ObjectStore, writer: ObjectWriter, placement: PodPlacement): Controller {
  const names = new PodNames();
  return {
    resource: RESOURCE,
    reconcile(set) {
      if (set.metadata.deletionTimestamp !== undefined) return;
      const nodes = placement.nodes();
      const kept = livePods(store, set).filter((pod) => {
        const fits = isCurrent(set, pod) && nodes.includes(nodeOf(pod));
        if (!fits) writer.delete('pods', pod);
        return fits;
      });
      for (const node of nodes.filter((name) => !kept.some((pod) => nodeOf(pod) === name))) {
        const pod = names.next(store, set, (ordinal) => podOfDaemonSet(set, ordinal, node));
        writer.add('pods', withDefaults(pod));
      }
      writer.change(RESOURCE, { ...set, status: statusOf(set, livePods(store, set), nodes.length) });
    },
    removed: (set) => names.forget(set),
    concerns: (event) =>
      event.resource === 'nodes' && event.type !== 'MODIFIED' ? store.list(RESOURCE).map(storageKey) : [],
  };
}

const nodeOf = (pod: KubernetesObject): string => textAt(pod, 'spec', 'nodeName') ?? '';

const isCurrent = (set: KubernetesObject, pod: KubernetesObject): boolean =>
  textAt(set, 'spec', 'updateStrategy', 'type') === 'OnDelete' ||
  pod.metadata.labels?.['controller-revision-hash'] === daemonSetRevision(set);

function statusOf(set: KubernetesObject, pods: readonly KubernetesObject[], nodes: number): Fields {
  const ready = pods.filter(isReady).length;
  return {
    currentNumberScheduled: pods.length,
    desiredNumberScheduled: nodes,
    numberMisscheduled: 0,
    numberReady: ready,
    updatedNumberScheduled: pods.length,
    ...(ready > 0 ? { numberAvailable: ready } : {}),
    ...(ready < nodes ? { numberUnavailable: nodes - ready } : {}),
    observedGeneration: set.metadata.generation ?? 1,
  };
}
