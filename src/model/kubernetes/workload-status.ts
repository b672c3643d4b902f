import { type Fields, fieldAt, listAt, textAt, withoutUndefined } from './fields.js';
import type { KubernetesObject } from './object.js';

/** What the kubelet knows of a pod when it reports it running. */
export interface RunningPod {
  readonly hostAddress: string;
  readonly podAddress: string;
  /** RFC 3339 time of the start; left out offline, where there is no clock. */
  readonly time?: string;
}

/** `status` of a pod whose containers all run and are ready (API type `PodStatus`). */
export function runningStatus(pod: KubernetesObject, { hostAddress, podAddress, time }: RunningPod): Fields {
  const condition = (type: string): Fields => withoutUndefined({ type, status: 'True', lastTransitionTime: time });
  return withoutUndefined({
    phase: 'Running',
    conditions: ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(condition),
    hostIP: hostAddress,
    hostIPs: [{ ip: hostAddress }],
    podIP: podAddress,
    podIPs: [{ ip: podAddress }],
    startTime: time,
    containerStatuses: listAt(pod, 'spec', 'containers').map((container) => containerStatus(container, time)),
    qosClass: 'BestEffort',
  });
}

/** True for a pod that has ended: its address may belong to another pod already (policy.md N2). */
export const isCompletedPod = (pod: KubernetesObject): boolean =>
  ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase') ?? '');

/** True for a pod that uses its node's network and address. */
export const usesHostNetwork = (pod: KubernetesObject): boolean => fieldAt(pod, 'spec', 'hostNetwork') === true;

/** All addresses in a pod's status. */
export function podAddresses(pod: KubernetesObject): readonly string[] {
  const addresses = listAt(pod, 'status', 'podIPs').map((item) => textAt(item, 'ip'));
  const all = [textAt(pod, 'status', 'podIP'), ...addresses];
  return [...new Set(all.filter((address): address is string => address !== undefined && address !== ''))];
}

function containerStatus(container: unknown, time: string | undefined): Fields {
  const image = textAt(container, 'image') ?? '';
  return {
    name: textAt(container, 'name') ?? '',
    state: { running: withoutUndefined({ startedAt: time }) },
    lastState: {},
    ready: true,
    restartCount: 0,
    image,
    imageID: image,
    started: true,
  };
}
