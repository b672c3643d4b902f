import {
  controllerReference,
  type Fields,
  fieldAt,
  generatedPodName,
  isCompletedPod,
  type KubernetesObject,
  listAt,
  podAddresses,
  stringMapAt,
  textAt,
  wordOf,
} from '#model/kubernetes';
import { keyOf, type ObjectStore, type StoreEvent, storageKey } from '../storage/object-store.js';
import type { ObjectWriter } from '../storage/object-writer.js';
import type { Controller } from './controller-loop.js';
import { isReady } from './owned-pods.js';

const SLICES = 'endpointslices.discovery.k8s.io';

/**
 * Keeps the EndpointSlices of Services with a selector: one for every set of ports that the pods resolve its target
 * ports to, since a named target port may differ from pod to pod.
 */
export function endpointSliceController(store: ObjectStore, writer: ObjectWriter): Controller {
  return {
    resource: 'services',
    reconcile(service) {
      const selector = Object.entries(stringMapAt(service, 'spec', 'selector'));
      if (selector.length === 0 || service.metadata.deletionTimestamp !== undefined) return;
      const wanted = slicesOf(service, selectedPods(store, service));
      const names = new Set(wanted.map((slice) => slice.metadata.name));
      for (const slice of wanted) put(store, writer, slice);
      for (const { resource, object } of store.ownedBy(service.metadata.uid ?? '')) {
        if (resource === SLICES && !names.has(object.metadata.name)) writer.delete(SLICES, object);
      }
    },
    concerns: (event) => (event.resource === 'pods' ? concernedServices(store, event) : []),
  };
}

/** Services of a pod's namespace that select it, as it is or as it was. */
function concernedServices(store: ObjectStore, { object, previous }: StoreEvent): readonly string[] {
  return store
    .list('services', object.metadata.namespace ?? '')
    .filter((service) => selects(service, object) || (previous !== undefined && selects(service, previous)))
    .map(storageKey);
}

function selects(service: KubernetesObject, pod: KubernetesObject): boolean {
  const selector = Object.entries(stringMapAt(service, 'spec', 'selector'));
  return selector.length > 0 && selector.every(([key, value]) => pod.metadata.labels?.[key] === value);
}

const selectedPods = (store: ObjectStore, service: KubernetesObject): readonly KubernetesObject[] =>
  store
    .list('pods', service.metadata.namespace ?? '')
    .filter((pod) => selects(service, pod) && !isCompletedPod(pod) && podAddresses(pod).length > 0);

function slicesOf(service: KubernetesObject, pods: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const byPorts = new Map<string, { readonly ports: readonly Fields[]; readonly pods: KubernetesObject[] }>();
  for (const pod of pods) {
    const ports = listAt(service, 'spec', 'ports').flatMap((port) => endpointPort(port, pod));
    const text = JSON.stringify(ports);
    const group = byPorts.get(text) ?? { ports, pods: [] };
    group.pods.push(pod);
    byPorts.set(text, group);
  }
  if (byPorts.size === 0) return [slice(service, 0, { ports: [], pods: [] })];
  return [...byPorts.values()].map((group, index) => slice(service, index, group));
}

/** The port of a pod that a service port leads to; none when the pod has no port of the name. */
function endpointPort(port: unknown, pod: KubernetesObject): readonly Fields[] {
  const target = fieldAt(port, 'targetPort');
  const protocol = textAt(port, 'protocol') ?? 'TCP';
  const number = typeof target === 'number' ? target : namedPort(pod, wordOf(target), protocol);
  return number === undefined ? [] : [{ name: textAt(port, 'name') ?? '', port: number, protocol }];
}

const namedPort = (pod: KubernetesObject, name: string, protocol: string): number | undefined =>
  listAt(pod, 'spec', 'containers')
    .flatMap((container) => listAt(container, 'ports'))
    .filter((port) => textAt(port, 'name') === name && (textAt(port, 'protocol') ?? 'TCP') === protocol)
    .map((port) => fieldAt(port, 'containerPort'))
    .find((port): port is number => typeof port === 'number');

function slice(
  service: KubernetesObject,
  index: number,
  { ports, pods }: { readonly ports: readonly Fields[]; readonly pods: readonly KubernetesObject[] },
): KubernetesObject {
  const { name, namespace } = service.metadata;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: generatedPodName(name, index),
      generateName: `${name}-`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: {
        ...service.metadata.labels,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        'kubernetes.io/service-name': name,
      },
      ownerReferences: [controllerReference(service)],
    },
    addressType: 'IPv4',
    endpoints: pods.map(endpoint),
    ports,
  };
}

function endpoint(pod: KubernetesObject): Fields {
  const { name, namespace, uid } = pod.metadata;
  const ending = pod.metadata.deletionTimestamp !== undefined;
  const ready = isReady(pod) && !ending;
  return {
    addresses: podAddresses(pod).slice(0, 1),
    conditions: { ready, serving: isReady(pod), terminating: ending },
    nodeName: textAt(pod, 'spec', 'nodeName') ?? '',
    targetRef: { kind: 'Pod', name, namespace, uid },
  };
}

function put(store: ObjectStore, writer: ObjectWriter, slice: KubernetesObject): void {
  const held = store.get(SLICES, keyOf(slice.metadata.namespace, slice.metadata.name));
  if (held === undefined) writer.add(SLICES, slice);
  else writer.change(SLICES, { ...slice, metadata: { ...held.metadata, labels: slice.metadata.labels ?? {} } });
}
