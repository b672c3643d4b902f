import type { Fields } from '#model/kubernetes';
import type { ResourceRegistry } from '../resource-registry.js';
import { groupVersion, type ResourceType } from '../resource-type.js';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const SUBRESOURCE_VERBS = ['get', 'patch', 'update'];

/** `GET /api`: the versions of the core group (API type `APIVersions`). */
export const coreVersions = (): Fields => ({ kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] });

/** `GET /apis`: the named groups (API type `APIGroupList`). */
export const groupList = (registry: ResourceRegistry): Fields => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: groupNames(registry)
    .filter((group) => group !== '')
    .map((group) => groupFields(registry, group)),
});

/** `GET /apis/<group>` (API type `APIGroup`); undefined for a group that is not served. */
export const groupOf = (registry: ResourceRegistry, group: string): Fields | undefined =>
  groupNames(registry).includes(group) && group !== ''
    ? { kind: 'APIGroup', apiVersion: 'v1', ...groupFields(registry, group) }
    : undefined;

function groupFields(registry: ResourceRegistry, group: string): Fields {
  const versions = versionsOf(registry, group).map((version) => ({
    groupVersion: groupVersion({ group, version }),
    version,
  }));
  return { name: group, versions, preferredVersion: versions[0] };
}

/** `GET /apis/<group>/<version>` (API type `APIResourceList`); undefined for a version that is not served. */
export function resourceList(registry: ResourceRegistry, group: string, version: string): Fields | undefined {
  const types = served(registry, group, version);
  if (types.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: groupVersion({ group, version }),
    resources: types.flatMap((type) => [resourceFields(type), ...type.subresources.map((sub) => subFields(type, sub))]),
  };
}

const resourceFields = (type: ResourceType): Fields => ({
  name: type.plural,
  singularName: type.singular,
  namespaced: type.namespaced,
  kind: type.kind,
  verbs: VERBS,
  ...(type.shortNames.length > 0 ? { shortNames: type.shortNames } : {}),
  ...(type.categories.length > 0 ? { categories: type.categories } : {}),
});

const subFields = (type: ResourceType, subresource: string): Fields => ({
  name: `${type.plural}/${subresource}`,
  singularName: '',
  namespaced: type.namespaced,
  ...(subresource === 'scale' ? { group: 'autoscaling', version: 'v1', kind: 'Scale' } : { kind: type.kind }),
  verbs: SUBRESOURCE_VERBS,
});

/** `GET /api` and `GET /apis` in the aggregated form (API type `apidiscovery.k8s.io/v2 APIGroupDiscoveryList`). */
export function aggregatedDiscovery(registry: ResourceRegistry, core: boolean): Fields {
  const groups = groupNames(registry).filter((group) => (group === '') === core);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map((group) => ({
      metadata: group === '' ? {} : { name: group },
      versions: versionsOf(registry, group).map((version) => ({
        version,
        resources: served(registry, group, version).map(aggregatedResource),
        freshness: 'Current',
      })),
    })),
  };
}

const aggregatedResource = (type: ResourceType): Fields => ({
  resource: type.plural,
  responseKind: { group: type.group, version: type.version, kind: type.kind },
  scope: type.namespaced ? 'Namespaced' : 'Cluster',
  singularResource: type.singular,
  verbs: VERBS,
  ...(type.shortNames.length > 0 ? { shortNames: type.shortNames } : {}),
  ...(type.categories.length > 0 ? { categories: type.categories } : {}),
  subresources: type.subresources.map((subresource) => ({
    subresource,
    responseKind:
      subresource === 'scale'
        ? { group: 'autoscaling', version: 'v1', kind: 'Scale' }
        : { group: type.group, version: type.version, kind: type.kind },
    verbs: SUBRESOURCE_VERBS,
  })),
});

/** The groups served, the core group first. */
const groupNames = (registry: ResourceRegistry): readonly string[] => [
  ...new Set(registry.all().map((type) => type.group)),
];

/** The versions of a group, the preferred one first. */
const versionsOf = (registry: ResourceRegistry, group: string): readonly string[] => [
  ...new Set(
    registry
      .all()
      .filter((type) => type.group === group)
      .flatMap((type) => type.versions),
  ),
];

const served = (registry: ResourceRegistry, group: string, version: string): readonly ResourceType[] =>
  registry
    .all()
    .filter((type) => type.group === group && type.versions.includes(version))
    .map((type) => ({ ...type, version }));

/** Every group and version that is served. */
export const groupVersions = (registry: ResourceRegistry): readonly { readonly group: string; version: string }[] =>
  groupNames(registry).flatMap((group) => versionsOf(registry, group).map((version) => ({ group, version })));
