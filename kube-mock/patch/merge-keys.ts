/**
 * How a list merges: `key` for a list of objects that a field identifies, `set` for a list of plain values that
 * are added. Lists without an entry are replaced as a whole. From the `patchMergeKey` and `patchStrategy` tags of the
 * API types (k8s.io/api `core/v1`, `apps/v1`, `discovery/v1`, `meta/v1`).
 */
export type ListMerge = { readonly key: string } | 'set' | 'replace';

/** Merge keys by `<parent field>.<field>`; `*` stands for any parent. List items have the list's name as their parent. */
const MERGES: Readonly<Record<string, ListMerge>> = {
  '*.containers': { key: 'name' },
  '*.initContainers': { key: 'name' },
  '*.ephemeralContainers': { key: 'name' },
  'containers.ports': { key: 'containerPort' },
  'initContainers.ports': { key: 'containerPort' },
  'ephemeralContainers.ports': { key: 'containerPort' },
  '*.env': { key: 'name' },
  '*.volumeMounts': { key: 'mountPath' },
  '*.volumeDevices': { key: 'devicePath' },
  '*.volumes': { key: 'name' },
  '*.imagePullSecrets': { key: 'name' },
  '*.hostAliases': { key: 'ip' },
  '*.topologySpreadConstraints': { key: 'topologyKey' },
  '*.schedulingGates': { key: 'name' },
  'spec.resourceClaims': { key: 'name' },
  'status.resourceClaimStatuses': { key: 'name' },
  'status.conditions': { key: 'type' },
  'status.addresses': { key: 'type' },
  'status.podIPs': { key: 'ip' },
  'status.hostIPs': { key: 'ip' },
  'metadata.ownerReferences': { key: 'uid' },
  'metadata.finalizers': 'set',
  'spec.podCIDRs': 'set',
};

const BY_KIND: Readonly<Record<string, Readonly<Record<string, ListMerge>>>> = {
  Service: { 'spec.ports': { key: 'port' } },
  ServiceAccount: { '.secrets': { key: 'name' } },
  ValidatingWebhookConfiguration: { '.webhooks': { key: 'name' } },
  MutatingWebhookConfiguration: { '.webhooks': { key: 'name' } },
  NetworkPolicy: { 'status.conditions': { key: 'type' } },
};

/** How the list `field` under `parent` merges in objects of a kind. */
export const listMerge = (kind: string, parent: string, field: string): ListMerge =>
  BY_KIND[kind]?.[`${parent}.${field}`] ?? MERGES[`${parent}.${field}`] ?? MERGES[`*.${field}`] ?? 'replace';
