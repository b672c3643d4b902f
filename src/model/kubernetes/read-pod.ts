import { messageOf } from '../errors.js';
import { formatAddress, type IpAddress, parseAddress } from '../net/index.js';
import type { Fields } from './fields.js';
import { type KubernetesObject, type OwnerReference, objectName } from './object.js';
import { isPort, protocolNamed } from './port-words.js';
import type { ReadResult } from './read-policy.js';
import { asFields, asLabels, asList, asRecord, describe, isGiven, Reading } from './reading.js';
import type { NamedPort, NamespaceView, NodeView, PodView } from './views.js';

/** Reads a Pod (core/v1). A pod without an address is read and reported: it becomes an endpoint when it has one. */
export function readPod(object: KubernetesObject): ReadResult<PodView> {
  const namespace = object.metadata.namespace ?? 'default';
  const name = object.metadata.name;
  const reading = new Reading(objectName({ kind: 'Pod', metadata: { namespace, name } }));
  const spec = asFields(reading, 'spec', object['spec']);
  const status = asFields(reading, 'status', object['status']);
  const completed = status['phase'] === 'Succeeded' || status['phase'] === 'Failed';
  const addresses = readAddresses(reading, status);
  if (addresses.length === 0 && !completed) {
    reading.report(
      'POD_WITHOUT_IP',
      'status.podIP',
      'the pod has no address yet; it joins its group when it has one',
      'warning',
    );
  }
  const labels = asLabels(reading, 'metadata.labels', object.metadata.labels);
  const view: PodView = {
    namespace,
    name,
    labels,
    node: typeof spec['nodeName'] === 'string' ? spec['nodeName'] : undefined,
    addresses,
    hostNetwork: spec['hostNetwork'] === true,
    completed,
    namedPorts: readNamedPorts(reading, spec),
    workload: workloadOf(readOwners(reading, object.metadata.ownerReferences), labels),
  };
  return { view, findings: reading.findings };
}

/** Reads a Namespace. Adds the label that the API server adds (policy.md N4), for namespaces that come from files. */
export function readNamespace(object: KubernetesObject): ReadResult<NamespaceView> {
  const name = object.metadata.name;
  const reading = new Reading(objectName({ kind: 'Namespace', metadata: { name } }));
  const labels = asLabels(reading, 'metadata.labels', object.metadata.labels);
  return { view: { name, labels: { ...labels, 'kubernetes.io/metadata.name': name } }, findings: reading.findings };
}

/** Reads a Node: its labels, and its InternalIP and ExternalIP addresses. */
export function readNode(object: KubernetesObject): ReadResult<NodeView> {
  const name = object.metadata.name;
  const reading = new Reading(objectName({ kind: 'Node', metadata: { name } }));
  const status = asFields(reading, 'status', object['status']);
  const found = asList(reading, 'status.addresses', status['addresses']).flatMap((item, index) => {
    const { type, address } = asRecord(item) ?? {};
    if (type !== 'InternalIP' && type !== 'ExternalIP') return [];
    return readAddress(reading, `status.addresses[${index}].address`, address).map((read) => ({ type, read }));
  });
  const labels = asLabels(reading, 'metadata.labels', object.metadata.labels);
  const addresses = found.map(({ read }) => read);
  const internalAddresses = found.filter(({ type }) => type === 'InternalIP').map(({ read }) => read);
  return { view: { name, labels, addresses, internalAddresses }, findings: reading.findings };
}

function readAddresses(reading: Reading, status: Fields): readonly IpAddress[] {
  const list = asList(reading, 'status.podIPs', status['podIPs']).flatMap((item, index) =>
    readAddress(reading, `status.podIPs[${index}].ip`, asRecord(item)?.['ip']),
  );
  if (list.length > 0 || status['podIP'] === undefined || status['podIP'] === '') return list;
  return readAddress(reading, 'status.podIP', status['podIP']);
}

function readAddress(reading: Reading, field: string, value: unknown): readonly IpAddress[] {
  try {
    if (typeof value === 'string') return [parseAddress(value)];
    reading.report('INVALID_OBJECT', field, `expected an IP address, found ${describe(value)}`);
  } catch (error) {
    reading.report('INVALID_OBJECT', field, messageOf(error));
  }
  return [];
}

/** Named ports of containers, and of init containers that keep running (native sidecars, policy.md N19). */
function readNamedPorts(reading: Reading, spec: Fields): readonly NamedPort[] {
  const sidecars = asList(reading, 'spec.initContainers', spec['initContainers']).filter(
    (container) => asRecord(container)?.['restartPolicy'] === 'Always',
  );
  const containers = [...asList(reading, 'spec.containers', spec['containers']), ...sidecars];
  return containers.flatMap((container) =>
    asList(reading, 'spec.containers.ports', asRecord(container)?.['ports']).flatMap((item) =>
      readNamedPort(reading, asRecord(item) ?? {}),
    ),
  );
}

/** A port without a name is no concern of policies; one that cannot be read is no port: its name matches nothing there. */
function readNamedPort(reading: Reading, { name, containerPort, protocol: word }: Fields): readonly NamedPort[] {
  if (!isGiven(name) || name === '') return [];
  const protocol = protocolNamed(word ?? 'TCP');
  if (typeof name === 'string' && isPort(containerPort) && protocol !== undefined) {
    return [{ name, port: containerPort, protocol }];
  }
  const message = `expected a name, 1 to 65535, and TCP, UDP or SCTP, found ${describe({ name, containerPort, protocol: word })}; the name matches nothing there`;
  reading.report('INVALID_PORT', 'spec.containers.ports', message, 'warning');
  return [];
}

/** Kinds that keep their name while their pods come and go. A group for each run of a Job would churn through VLANs. */
const LASTING_OWNERS: ReadonlySet<string> = new Set([
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'ReplicationController',
  'Job',
]);

/** References to owners. One without a kind, as files have them, says nothing; what is no reference is reported. */
function readOwners(reading: Reading, given: unknown): readonly OwnerReference[] {
  return asList(reading, 'metadata.ownerReferences', given).filter((reference, index): reference is OwnerReference => {
    const { kind, name } = asRecord(reference) ?? {};
    if (typeof kind === 'string' && typeof name === 'string') return true;
    if (!isGiven(kind) && typeof name === 'string') return false;
    const field = `metadata.ownerReferences[${index}]`;
    reading.report('INVALID_OBJECT', field, `expected a kind and a name, found ${describe(reference)}`);
    return false;
  });
}

/**
 * The lasting workload above the pod: a ReplicaSet of a Deployment counts as the Deployment, a Job of a CronJob as the
 * CronJob. None for a pod made by hand, and for one of a Job that runs once.
 */
function workloadOf(owners: readonly OwnerReference[], labels: Readonly<Record<string, string>>): string | undefined {
  const owner = owners.find((reference) => reference.controller === true) ?? owners[0];
  if (owner === undefined || !LASTING_OWNERS.has(owner.kind)) return undefined;
  const hash = labels['pod-template-hash'];
  if (owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`)) {
    return `Deployment/${owner.name.slice(0, -hash.length - 1)}`;
  }
  const scheduled = /^(.+)-\d{8,10}$/.exec(owner.name);
  if (owner.kind === 'Job') return scheduled === null ? undefined : `CronJob/${scheduled[1]}`;
  return `${owner.kind}/${owner.name}`;
}

/** `namespace/name` of a pod or policy view. */
export const viewKey = (view: { readonly namespace: string; readonly name: string }): string =>
  `${view.namespace}/${view.name}`;

/** The addresses of a pod's view as text. */
export const addressTexts = (pod: PodView): readonly string[] => pod.addresses.map(formatAddress);
