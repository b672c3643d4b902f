import { isWithin, parentDn } from '#model/aci';
import { badRequest } from '../apic-error.js';
import { healthOf } from '../faults/index.js';
import { type ObjectStore, type StoredObject, visitSubtree } from '../tree/index.js';
import { sorted } from './order.js';
import type { QueryOptions } from './query-options.js';
import type { QueryTarget } from './query-target.js';
import { answerObjects } from './response.js';
import { TimeLimit } from './time-limit.js';
import type { QueryAnswer } from './wire.js';

/**
 * Answers a query (apic-protocol.md §2): scope, class filter, filter, response options, order, page. An object that is
 * not there is no error. Throws `result dataset is too big` for more objects than an APIC gives at once, and 503
 * for a filter that takes too long.
 */
export function evaluateQuery(
  store: ObjectStore,
  target: QueryTarget,
  options: QueryOptions,
  maxObjects: number,
): QueryAnswer {
  const found: StoredObject[] = [];
  const watch = new TimeLimit();
  const consider = (object: StoredObject): void => {
    if (options.filter !== undefined) watch.check();
    if (isWanted(object, options)) found.push(object);
  };
  visitRoots(store, target, (root) => visitScope(root, options, consider));
  if (Math.min(found.length, options.page?.size ?? found.length) > maxObjects) {
    throw badRequest('Unable to process the query, result dataset is too big');
  }
  return answerObjects(store, sorted(found, options.order), options);
}

/** Visits instead of generators: with 100,000 objects the iterators cost more than the filter. */
function visitRoots(store: ObjectStore, target: QueryTarget, visit: (root: StoredObject) => void): void {
  if (target.kind === 'mo') {
    const object = store.get(target.dn) ?? unkeptHealth(store, target);
    if (object !== undefined) visit(object);
    return;
  }
  const { below } = target;
  for (const className of target.classes) {
    for (const object of store.ofClass(className)) {
      if (below === undefined || isWithin(object.dn, below)) visit(object);
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
function visitScope(root: StoredObject, options: QueryOptions, visit: (object: StoredObject) => void): void {
  switch (options.queryTarget) {
    case 'self':
      visit(root);
      return;
    case 'children':
      for (const child of root.children.values()) visit(child);
      return;
    default:
      visitSubtree(root, visit);
  }
}

/** Firmware and maintenance policies to which an APIC answers nothing with config-only (apic-protocol.md §2.2). */
const WITHOUT_CONFIG = /^uni\/(?:fabric\/(?:fwgrp|maintgrp|maintpol|fwpol)-|exportcryptkey)/;

function isWanted(object: StoredObject, options: QueryOptions): boolean {
  if (options.response.properties === 'config-only' && WITHOUT_CONFIG.test(object.dn)) return false;
  if (options.targetClasses !== undefined && !options.targetClasses.has(object.className)) return false;
  return options.filter === undefined || options.filter(object);
}
