import type { Fields } from '#model/kubernetes';
import type { ResourceRegistry } from '../resource-registry.js';
import { groupVersion, type ResourceType } from '../resource-type.js';
import { groupVersions } from './discovery.js';

const pathOf = (place: { readonly group: string; readonly version: string }): string =>
  place.group === '' ? `api/${place.version}` : `apis/${groupVersion(place)}`;

/** `GET /openapi/v3`: where the document of each group and version is. */
export const openApiIndex = (registry: ResourceRegistry): Fields => ({
  paths: Object.fromEntries(
    groupVersions(registry).map((place) => [pathOf(place), { serverRelativeURL: `/openapi/v3/${pathOf(place)}` }]),
  ),
});

/**
 * `GET /openapi/v3/<path>`: the PATCH operation of each resource, which is what kubectl looks for: the `fieldValidation`
 * parameter tells it that the server validates, and the media types which kind of patch to send. No schemas: without
 * them kubectl takes merge keys from its own types, which are the same. Undefined when the path is not served.
 */
export function openApiDocument(registry: ResourceRegistry, path: string): Fields | undefined {
  const place = groupVersions(registry).find((candidate) => pathOf(candidate) === path);
  if (place === undefined) return undefined;
  const types = registry.all().filter((type) => type.group === place.group && type.versions.includes(place.version));
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'kube-mock' },
    paths: Object.fromEntries(types.map((type) => operations({ ...type, version: place.version }, path))),
    components: { schemas: {} },
  };
}

function operations(type: ResourceType, path: string): readonly [string, Fields] {
  const scope = type.namespaced ? 'namespaces/{namespace}/' : '';
  const patches = [
    'application/json-patch+json',
    'application/merge-patch+json',
    'application/apply-patch+yaml',
  ].concat(type.custom ? [] : ['application/strategic-merge-patch+json']);
  const patch = {
    'x-kubernetes-action': 'patch',
    'x-kubernetes-group-version-kind': { group: type.group, version: type.version, kind: type.kind },
    parameters: ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
      name,
      in: 'query',
      schema: { type: 'string' },
    })),
    requestBody: {
      content: Object.fromEntries(patches.map((media) => [media, { schema: { type: 'object' } }])),
      required: true,
    },
    responses: { 200: { description: 'OK' } },
  };
  return [`/${path}/${scope}${type.plural}/{name}`, { patch }];
}
