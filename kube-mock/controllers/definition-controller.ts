import { type Fields, fieldAt, type KubernetesObject, listAt } from '#model/kubernetes';
import { customResource, type ResourceRegistry } from '../resource-registry.js';
import { resourceKey } from '../resource-type.js';
import type { ObjectStore } from '../storage/object-store.js';
import type { ObjectWriter } from '../storage/object-writer.js';
import type { Controller } from './controller-loop.js';
import { condition } from './owned-pods.js';

const RESOURCE = 'customresourcedefinitions.apiextensions.k8s.io';

/** Serves the resource of every CustomResourceDefinition, and removes its objects with it. */
export function definitionController(store: ObjectStore, writer: ObjectWriter, registry: ResourceRegistry): Controller {
  return {
    resource: RESOURCE,
    reconcile(definition) {
      registry.define(definition);
      writer.change(RESOURCE, { ...definition, status: statusOf(definition, writer.now()) });
    },
    removed(definition) {
      const resource = resourceKey(customResource(definition));
      for (const object of store.list(resource)) writer.remove(resource, object);
      registry.undefine(definition);
    },
  };
}

const statusOf = (definition: KubernetesObject, now: string): Fields => ({
  acceptedNames: { ...(fieldAt(definition, 'spec', 'names') as Fields) },
  conditions: [
    condition(definition, now, {
      type: 'NamesAccepted',
      status: 'True',
      reason: 'NoConflicts',
      message: 'no conflicts found',
    }),
    condition(definition, now, {
      type: 'Established',
      status: 'True',
      reason: 'InitialNamesAccepted',
      message: 'the initial names have been accepted',
    }),
  ],
  storedVersions: listAt(definition, 'spec', 'versions')
    .filter((version) => fieldAt(version, 'storage') === true)
    .map((version) => fieldAt(version, 'name')),
});
