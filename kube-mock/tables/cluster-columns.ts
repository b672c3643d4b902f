import { fieldAt, fieldsAt, type KubernetesObject, listAt, stringMapAt, textAt, wordOf } from '#model/kubernetes';
import { AGE, ageOf, column, NAME, type TableColumn } from './table-columns.js';
import { mapText, selectorText } from './workload-columns.js';

/** Columns of Namespaces. */
export const NAMESPACE_COLUMNS: readonly TableColumn[] = [
  NAME,
  column('Status', (object) => textAt(object, 'status', 'phase') ?? 'Active'),
  AGE,
];

const nodeAddress = (node: KubernetesObject, type: string): string =>
  textAt(
    listAt(node, 'status', 'addresses').find((address) => textAt(address, 'type') === type),
    'address',
  ) ?? '<none>';

const nodeInfo = (field: string) => (node: KubernetesObject) =>
  textAt(node, 'status', 'nodeInfo', field) ?? '<unknown>';

/** Columns of Nodes. */
export const NODE_COLUMNS: readonly TableColumn[] = [
  NAME,
  column('Status', (node) => {
    const ready = listAt(node, 'status', 'conditions').find((item) => textAt(item, 'type') === 'Ready');
    const status = textAt(ready, 'status') === 'True' ? 'Ready' : ready === undefined ? 'Unknown' : 'NotReady';
    return fieldAt(node, 'spec', 'unschedulable') === true ? `${status},SchedulingDisabled` : status;
  }),
  column('Roles', (node) => {
    const prefix = 'node-role.kubernetes.io/';
    const roles = Object.keys(node.metadata.labels ?? {}).filter((label) => label.startsWith(prefix));
    return roles.length === 0 ? '<none>' : roles.map((label) => label.slice(prefix.length)).join(',');
  }),
  AGE,
  column('Version', nodeInfo('kubeletVersion')),
  column('Internal-IP', (node) => nodeAddress(node, 'InternalIP'), { wide: true }),
  column('External-IP', (node) => nodeAddress(node, 'ExternalIP'), { wide: true }),
  column('OS-Image', nodeInfo('osImage'), { wide: true }),
  column('Kernel-Version', nodeInfo('kernelVersion'), { wide: true }),
  column('Container-Runtime', nodeInfo('containerRuntimeVersion'), { wide: true }),
];

/** Columns of Services. */
export const SERVICE_COLUMNS: readonly TableColumn[] = [
  NAME,
  column('Type', (service) => textAt(service, 'spec', 'type') ?? 'ClusterIP'),
  column('Cluster-IP', (service) => textAt(service, 'spec', 'clusterIP') ?? '<none>'),
  column('External-IP', (service) => textAt(service, 'spec', 'externalName') ?? externalAddress(service)),
  column('Port(s)', servicePorts),
  AGE,
  column('Selector', (service) => mapText(stringMapAt(service, 'spec', 'selector')), { wide: true }),
];

function externalAddress(service: KubernetesObject): string {
  const ingress = listAt(service, 'status', 'loadBalancer', 'ingress').map((item) => textAt(item, 'ip') ?? '');
  if (ingress.length > 0) return ingress.join(',');
  return textAt(service, 'spec', 'type') === 'LoadBalancer' ? '<pending>' : '<none>';
}

function servicePorts(service: KubernetesObject): string {
  const ports = listAt(service, 'spec', 'ports').map((port) => {
    const node = fieldAt(port, 'nodePort');
    const number = wordOf(fieldAt(port, 'port'));
    return `${node === undefined ? number : `${number}:${wordOf(node)}`}/${textAt(port, 'protocol') ?? 'TCP'}`;
  });
  return ports.length === 0 ? '<none>' : ports.join(',');
}

/** Columns of NetworkPolicies. */
export const NETWORK_POLICY_COLUMNS: readonly TableColumn[] = [
  NAME,
  column('Pod-Selector', (policy) => selectorText(fieldAt(policy, 'spec', 'podSelector'))),
  AGE,
];

/** Columns of EndpointSlices. */
export const ENDPOINT_SLICE_COLUMNS: readonly TableColumn[] = [
  NAME,
  column('AddressType', (slice) => textAt(slice, 'addressType') ?? ''),
  column('Ports', (slice) =>
    limited(
      listAt(slice, 'ports').map((port) => wordOf(fieldAt(port, 'port'))),
      '<unset>',
    ),
  ),
  column('Endpoints', (slice) =>
    limited(
      listAt(slice, 'endpoints').flatMap((endpoint) => listAt(endpoint, 'addresses').map(wordOf)),
      '<unset>',
    ),
  ),
  AGE,
];

const limited = (values: readonly string[], none: string): string => {
  if (values.length === 0) return none;
  const more = values.length > 3 ? ` + ${values.length - 3} more...` : '';
  return `${values.slice(0, 3).join(',')}${more}`;
};

const dataCount = column('Data', (object) => Object.keys(fieldsAt(object, 'data')).length, { type: 'integer' });

/** Columns of ConfigMaps. */
export const CONFIG_MAP_COLUMNS: readonly TableColumn[] = [NAME, dataCount, AGE];

/** Columns of Secrets. */
export const SECRET_COLUMNS: readonly TableColumn[] = [
  NAME,
  column('Type', (secret) => textAt(secret, 'type') ?? 'Opaque'),
  dataCount,
  AGE,
];

/** Columns of Leases. */
export const LEASE_COLUMNS: readonly TableColumn[] = [
  NAME,
  column('Holder', (lease) => textAt(lease, 'spec', 'holderIdentity') ?? ''),
  AGE,
];

/** Columns of Events. */
export const EVENT_COLUMNS: readonly TableColumn[] = [
  column('Last Seen', (event, now) => ageOf(textAt(event, 'lastTimestamp') ?? textAt(event, 'eventTime'), now)),
  column('Type', (event) => textAt(event, 'type') ?? ''),
  column('Reason', (event) => textAt(event, 'reason') ?? ''),
  column('Object', (event) => {
    const kind = (textAt(event, 'involvedObject', 'kind') ?? '').toLowerCase();
    return `${kind}/${textAt(event, 'involvedObject', 'name') ?? ''}`;
  }),
  column('Message', (event) => textAt(event, 'message') ?? ''),
];

/** Columns of CustomResourceDefinitions. */
export const DEFINITION_COLUMNS: readonly TableColumn[] = [
  NAME,
  column('Created At', (object) => object.metadata.creationTimestamp ?? ''),
];
