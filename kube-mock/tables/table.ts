import type { Fields, KubernetesObject } from '#model/kubernetes';
import type { ResourceType } from '../resource-type.js';
import { resourceKey } from '../resource-type.js';
import {
  CONFIG_MAP_COLUMNS,
  DEFINITION_COLUMNS,
  ENDPOINT_SLICE_COLUMNS,
  EVENT_COLUMNS,
  LEASE_COLUMNS,
  NAMESPACE_COLUMNS,
  NETWORK_POLICY_COLUMNS,
  NODE_COLUMNS,
  SECRET_COLUMNS,
  SERVICE_COLUMNS,
} from './cluster-columns.js';
import { customColumns } from './custom-columns.js';
import { AGE, NAME, type TableColumn } from './table-columns.js';
import {
  DAEMON_SET_COLUMNS,
  DEPLOYMENT_COLUMNS,
  POD_COLUMNS,
  REPLICA_SET_COLUMNS,
  STATEFUL_SET_COLUMNS,
} from './workload-columns.js';

const COLUMNS: Readonly<Record<string, readonly TableColumn[]>> = {
  namespaces: NAMESPACE_COLUMNS,
  nodes: NODE_COLUMNS,
  pods: POD_COLUMNS,
  services: SERVICE_COLUMNS,
  configmaps: CONFIG_MAP_COLUMNS,
  secrets: SECRET_COLUMNS,
  events: EVENT_COLUMNS,
  'deployments.apps': DEPLOYMENT_COLUMNS,
  'replicasets.apps': REPLICA_SET_COLUMNS,
  'statefulsets.apps': STATEFUL_SET_COLUMNS,
  'daemonsets.apps': DAEMON_SET_COLUMNS,
  'networkpolicies.networking.k8s.io': NETWORK_POLICY_COLUMNS,
  'endpointslices.discovery.k8s.io': ENDPOINT_SLICE_COLUMNS,
  'leases.coordination.k8s.io': LEASE_COLUMNS,
  'customresourcedefinitions.apiextensions.k8s.io': DEFINITION_COLUMNS,
};

/** What a client asks of a table: which version of `meta.k8s.io`, and what each row carries. */
export interface TableRequest {
  readonly version: 'v1' | 'v1beta1';
  readonly includeObject: 'Metadata' | 'Object' | 'None';
}

/** The columns of a resource; `definition` is the CustomResourceDefinition of a custom one. */
export const columnsOf = (type: ResourceType, definition: KubernetesObject | undefined): readonly TableColumn[] =>
  type.custom ? customColumns(definition, type.version) : (COLUMNS[resourceKey(type)] ?? [NAME, AGE]);

/** A `meta.k8s.io` Table of objects, as `kubectl get` shows it (API concepts, "Receiving resources as Tables"). */
export function tableOf(
  objects: readonly KubernetesObject[],
  columns: readonly TableColumn[],
  request: TableRequest,
  metadata: Fields,
): Fields {
  const now = Date.now();
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${request.version}`,
    metadata,
    columnDefinitions: columns.map(({ name, type, format, priority, description }) => ({
      name,
      type,
      format: format ?? '',
      description,
      priority,
    })),
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.value(object, now)),
      ...rowObject(object, request),
    })),
  };
}

function rowObject(object: KubernetesObject, { includeObject, version }: TableRequest): Fields {
  if (includeObject === 'None') return {};
  if (includeObject === 'Object') return { object };
  return {
    object: { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata },
  };
}
