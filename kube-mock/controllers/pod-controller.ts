import {
  type Fields,
  fieldsAt,
  isCompletedPod,
  type KubernetesObject,
  podAddresses,
  runningStatus,
  textAt,
  usesHostNetwork,
} from '#model/kubernetes';
import { type ObjectStore, storageKey } from '../storage/object-store.js';
import type { ObjectWriter } from '../storage/object-writer.js';
import type { Controller } from './controller-loop.js';
import type { PodPlacement } from './pod-placement.js';

/**
 * Scheduler and kubelets in one: a pod is bound to a node, then Running with an address, each step a change of its own
 * as in a real cluster; a pod that is deleted ends at once.
 */
export function podController(store: ObjectStore, writer: ObjectWriter, placement: PodPlacement): Controller {
  return {
    resource: 'pods',
    reconcile(pod) {
      const node = textAt(pod, 'spec', 'nodeName');
      if (pod.metadata.deletionTimestamp !== undefined) end(pod, writer);
      else if (isCompletedPod(pod) || podAddresses(pod).length > 0) return;
      else if (node === undefined) bind(pod, placement.choose(), writer);
      else start(pod, node, { writer, placement });
    },
    concerns: (event) =>
      event.resource === 'nodes' || (event.resource === 'pods' && event.type === 'DELETED') ? waitingPods(store) : [],
  };
}

/** Pods that found no node or no address: looked at again when nodes change or a pod goes. */
const waitingPods = (store: ObjectStore): readonly string[] =>
  store
    .list('pods')
    .filter((pod) => podAddresses(pod).length === 0 && !isCompletedPod(pod))
    .map(storageKey);

function end(pod: KubernetesObject, writer: ObjectWriter): void {
  if ((pod.metadata.finalizers ?? []).length === 0) writer.remove('pods', pod);
}

function bind(pod: KubernetesObject, node: string | undefined, writer: ObjectWriter): void {
  const scheduled = (status: Fields): KubernetesObject => ({
    ...pod,
    status: { ...fieldsAt(pod, 'status'), phase: 'Pending', conditions: [{ type: 'PodScheduled', ...status }] },
  });
  const since = { lastTransitionTime: pod.metadata.creationTimestamp ?? writer.now() };
  if (node === undefined) {
    const message = 'no node takes pods: all are full, unschedulable or gone';
    writer.change('pods', scheduled({ status: 'False', reason: 'Unschedulable', message, ...since }));
    return;
  }
  const bound = scheduled({ status: 'True', ...since });
  writer.change('pods', { ...bound, spec: { ...fieldsAt(pod, 'spec'), nodeName: node } });
}

interface Kubelet {
  readonly writer: ObjectWriter;
  readonly placement: PodPlacement;
}

function start(pod: KubernetesObject, node: string, { writer, placement }: Kubelet): void {
  const hostAddress = placement.addressOf(node);
  if (hostAddress === undefined) return;
  const podAddress = usesHostNetwork(pod) ? hostAddress : placement.assign(node);
  if (podAddress === undefined) return;
  writer.change('pods', { ...pod, status: runningStatus(pod, { hostAddress, podAddress, time: writer.now() }) });
}
