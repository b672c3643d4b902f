import { type Fields, fieldAt } from './fields.js';
import type { KubernetesObject } from './object.js';
import { podRangeOf } from './workload-placement.js';

/** Label that the API server puts on every namespace (policy.md N4). */
export const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';

/** A Namespace as the API server makes it of a bare name. */
export const namespaceObject = (name: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { [NAMESPACE_NAME_LABEL]: name } },
  spec: { finalizers: ['kubernetes'] },
  status: { phase: 'Active' },
});

/**
 * Node number `index` (from 0) of the built-in cluster: `node-<index + 1>` with InternalIP 192.168.100.<index + 11> and
 * the pod range 10.244.<index>.0/24. `time` is the heartbeat of its conditions.
 */
export function nodeObject(index: number, time?: string): KubernetesObject {
  const name = `node-${index + 1}`;
  const resources = { cpu: '8', memory: '32Gi', pods: '250' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: nodeLabels(name) },
    spec: { podCIDR: podRangeOf(index), podCIDRs: [podRangeOf(index)] },
    status: {
      addresses: [
        { type: 'InternalIP', address: `192.168.${100 + Math.floor((index + 11) / 256)}.${(index + 11) % 256}` },
        { type: 'Hostname', address: name },
      ],
      capacity: resources,
      allocatable: resources,
      conditions: [
        nodeCondition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', time),
        nodeCondition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', time),
        nodeCondition('PIDPressure', 'False', 'KubeletHasSufficientPID', time),
        nodeCondition('Ready', 'True', 'KubeletReady', time),
      ],
      nodeInfo: NODE_INFO,
    },
  };
}

/** True for a Node object. */
export const isNode = (object: KubernetesObject): boolean => object.kind === 'Node' && object.apiVersion === 'v1';

const nodeLabels = (name: string): Readonly<Record<string, string>> => ({
  'kubernetes.io/arch': 'amd64',
  'kubernetes.io/hostname': name,
  'kubernetes.io/os': 'linux',
});

const nodeCondition = (type: string, status: string, reason: string, time: string | undefined): Fields => ({
  type,
  status,
  reason,
  message: `kubelet reports ${type} ${status}`,
  ...(time === undefined ? {} : { lastHeartbeatTime: time, lastTransitionTime: time }),
});

const NODE_INFO: Fields = {
  architecture: 'amd64',
  bootID: '',
  containerRuntimeVersion: 'containerd://2.0.0',
  kernelVersion: '6.1.0',
  kubeProxyVersion: '',
  kubeletVersion: 'v1.36.0',
  machineID: '',
  operatingSystem: 'linux',
  osImage: 'Debian GNU/Linux 12 (bookworm)',
  systemUUID: '',
};

/** True for a namespace object that lacks the label every real one has. */
export const lacksNameLabel = (namespace: KubernetesObject): boolean =>
  fieldAt(namespace, 'metadata', 'labels', NAMESPACE_NAME_LABEL) !== namespace.metadata.name;
