import { isWithin, parentDn } from '#model/aci';
import { badRequest } from '../apic-error.js';
import { healthOf } from '../faults/index.js';
import { type ClassList, type ObjectStore, type StoredObject, visitSubtree } from '../tree/index.js';
import type { NecessaryTest } from './filter.js';
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
  const found = findObjects(store, target, options);
  if (Math.min(found.length, options.page?.size ?? found.length) > maxObjects) {
    throw badRequest('Unable to process the query, result dataset is too big');
  }
  return answerObjects(store, found, options);
}

function findObjects(store: ObjectStore, target: QueryTarget, options: QueryOptions): readonly StoredObject[] {
  const isWanted = wantedTest(options);
  const watch = new TimeLimit();
  const found: StoredObject[] = [];
  const consider = (object: StoredObject): void => {
    watch.check();
    if (isWanted(object)) found.push(object);
  };
  for (const roots of rootsOf(store, target, options, watch)) {
    if (options.queryTarget === 'self') for (const root of roots) consider(root);
    else for (const root of roots) visitScope(root, options, consider);
  }
  return found;
}

/** Where the query starts: an object, or those of each class, perhaps only those below a Dn. */
function rootsOf(
  store: ObjectStore,
  target: QueryTarget,
  options: QueryOptions,
  watch: TimeLimit,
): readonly (readonly StoredObject[])[] {
  if (target.kind === 'mo') {
    const object = store.get(target.dn) ?? unkeptHealth(store, target);
    return object === undefined ? [] : [[object]];
  }
  const { below } = target;
  const necessary = options.queryTarget === 'self' ? options.filter?.necessary : undefined;
  const all = [...target.classes].map((className) => {
    const list = store.listOfClass(className);
    if (list === undefined) return store.records(className);
    return necessary === undefined ? list.objects : candidates(list, necessary, watch);
  });
  if (below === undefined) return all;
  return all.map((objects) => objects.filter((object) => isWithin(object.dn, below)));
}

/** The objects that the filter may be true of, found by one column of values. */
function candidates(list: ClassList, { property, test }: NecessaryTest, watch: TimeLimit): readonly StoredObject[] {
  const found: StoredObject[] = [];
  const { objects } = list;
  const column = list.column(property);
  for (let place = 0; place < column.length; place += 1) {
    watch.check();
    const value = column[place];
    const object = value !== undefined && test(value) ? objects[place] : undefined;
    if (object !== undefined) found.push(object);
  }
  return found;
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
  if (options.queryTarget === 'subtree') visitSubtree(root, visit);
  else for (const child of root.children.values()) visit(child);
}

/** What the options ask of an object of the scope, worked out once and not for each object. */
function wantedTest(options: QueryOptions): (object: StoredObject) => boolean {
  const { targetClasses, filter } = options;
  const tests: ((object: StoredObject) => boolean)[] = [];
  if (targetClasses !== undefined) tests.push(({ className }) => targetClasses.has(className));
  if (filter !== undefined) tests.push(filter);
  const [first = () => true, ...others] = tests;
  return others.reduce((before, test) => (object) => before(object) && test(object), first);
}
