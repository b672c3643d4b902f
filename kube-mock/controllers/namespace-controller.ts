import { type KubernetesObject, textAt } from '#model/kubernetes';
import type { ObjectStore } from '../storage/object-store.js';
import type { ObjectWriter } from '../storage/object-writer.js';
import type { Controller } from './controller-loop.js';

/** Empties a Namespace that is being deleted, and lets it go when nothing is left in it. */
export function namespaceController(store: ObjectStore, writer: ObjectWriter): Controller {
  return {
    resource: 'namespaces',
    reconcile(namespace) {
      if (namespace.metadata.deletionTimestamp === undefined) return;
      const { name } = namespace.metadata;
      for (const [resource, object] of contents(store, name)) {
        if (object.metadata.deletionTimestamp === undefined) writer.delete(resource, object, { graceSeconds: 0 });
      }
      if (contents(store, name).length === 0) writer.change('namespaces', { ...namespace, spec: { finalizers: [] } });
    },
    concerns: (event) => {
      const name = event.object.metadata.namespace;
      if (event.type !== 'DELETED' || name === undefined) return [];
      return textAt(store.get('namespaces', name), 'status', 'phase') === 'Terminating' ? [name] : [];
    },
  };
}

const contents = (store: ObjectStore, namespace: string): readonly (readonly [string, KubernetesObject])[] =>
  store.resources().flatMap((resource) => store.list(resource, namespace).map((object) => [resource, object] as const));
