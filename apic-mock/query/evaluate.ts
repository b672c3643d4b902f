import { isWithin, parentDn } from '#model/aci';
import { badRequest } from '../apic-error.js';
import { healthOf } from '../faults/index.js';
import { type ObjectStore, type StoredObject, subtreeOf } from '../tree/index.js';
import { sorted } from './order.js';
import type { QueryOptions } from './query-options.js';
import type { QueryTarget } from './query-target.js';
import { answerObjects } from './response.js';
import type { QueryAnswer } from './wire.js';

/**
 * Answers a query (apic-protocol.md §2): scope, class filter, filter, response options, order, page. An object that is
 * not there is no error. Throws `result dataset is too big` for more objects than an APIC gives at once.
 */
export function evaluateQuery(
  store: ObjectStore,
  target: QueryTarget,
  options: QueryOptions,
  maxObjects: number,
): QueryAnswer {
  const found: StoredObject[] = [];
  for (const root of rootsOf(store, target)) {
    for (const object of scopeOf(root, options)) if (isWanted(object, options)) found.push(object);
  }
  if (Math.min(found.length, options.page?.size ?? found.length) > maxObjects) {
    throw badRequest('Unable to process the query, result dataset is too big');
  }
  return answerObjects(sorted(found, options.order), options.response, options.page);
}

function* rootsOf(store: ObjectStore, target: QueryTarget): Generator<StoredObject> {
  if (target.kind === 'mo') {
    const object = store.get(target.dn) ?? unkeptHealth(store, target);
    if (object !== undefined) yield object;
    return;
  }
  for (const className of target.classes) {
    for (const object of store.ofClass(className)) {
      if (target.below === undefined || isWithin(object.dn, target.below)) yield object;
    }
  }
}

/** The health of an object that never had a fault is not kept; asked for by its Dn it is there. */
function unkeptHealth(
  store: ObjectStore,
  { dn, className }: { dn: string; className: string },
): StoredObject | undefined {
  if (className !== 'healthInst') return undefined;
  const object = store.get(parentDn(dn) ?? '');
  return object === undefined ? undefined : healthOf(object);
}

/** `children` leaves the root out, `subtree` has it (apic-protocol.md §2.2). */
function scopeOf(root: StoredObject, options: QueryOptions): Iterable<StoredObject> {
  switch (options.queryTarget) {
    case 'self':
      return [root];
    case 'children':
      return root.children.values();
    default:
      return subtreeOf(root);
  }
}

function isWanted(object: StoredObject, options: QueryOptions): boolean {
  if (options.targetClasses !== undefined && !options.targetClasses.has(object.className)) return false;
  return options.filter === undefined || options.filter(object);
}
