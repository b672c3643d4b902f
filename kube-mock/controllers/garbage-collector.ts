import type { ObjectStore } from '../storage/object-store.js';
import type { ObjectWriter } from '../storage/object-writer.js';

/**
 * Follows ownerReferences (API concepts, "Garbage collection"): when an owner goes, what it alone owned is deleted; a
 * foreground deletion takes the dependents first.
 */
export function startGarbageCollector(store: ObjectStore, writer: ObjectWriter): void {
  store.onChange(({ type, resource, object }) => {
    if (type !== 'DELETED') {
      if (object.metadata.deletionTimestamp !== undefined) writer.continueForeground(resource, object);
      return;
    }
    writer.collect(object);
    for (const owner of object.metadata.ownerReferences ?? []) {
      const place = store.find(owner.uid);
      if (place !== undefined) writer.continueForeground(place.resource, place.object);
    }
  });
}
