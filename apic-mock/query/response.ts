import { classRow } from '#model/aci';
import { healthOf } from '../faults/index.js';
import type { ObjectStore, StoredObject } from '../tree/index.js';
import { inNestedOrder } from './nested-order.js';
import { sorted } from './order.js';
import type { Page, QueryOptions, ResponseOptions } from './query-options.js';
import { ShownRecords } from './shown-records.js';
import { type Position, type QueryAnswer, type ReplyObject, wireAttributes } from './wire.js';

/** Records that stand below the object they are about and are shown only when asked for (`rsp-subtree-include`). */
const RECORD_CATEGORIES: Readonly<Record<string, readonly string[]>> = {
  faults: ['faultInst', 'faultDelegate'],
  'fault-count': ['faultCounts'],
  health: ['healthInst'],
};

const RECORD_CLASSES: ReadonlySet<string> = new Set(Object.values(RECORD_CATEGORIES).flat());

/** Turns the objects found into the objects of the answer (apic-protocol.md §2.2). */
export function answerObjects(store: ObjectStore, found: readonly StoredObject[], options: QueryOptions): QueryAnswer {
  const { response, page, order } = options;
  if (response.include.has('count')) return { totalCount: 1, objects: [countObject(found.length)] };
  const records = new ShownRecords(store, found, response);
  if (response.include.has('no-scoped')) {
    const below = found.flatMap((object) =>
      [...object.children.values()].filter((child) => isIncluded(child, response)),
    );
    const all = sorted([...below, ...records.all()], order);
    const objects = slice(all, page).map((record) => leaf(record, 'top', response));
    return { totalCount: all.length, objects };
  }
  const childrenOf = (object: StoredObject): readonly ReplyObject[] => [
    ...structureBelow(object, response, records),
    ...records.ofFound(object).map((record) => leaf(record, 'nested', response)),
  ];
  const kept = response.include.has('required') ? found.filter((object) => childrenOf(object).length > 0) : found;
  const objects = slice(kept, page).map((object) => ({
    ...leaf(object, 'top', response),
    children: childrenOf(object),
  }));
  return { totalCount: kept.length, objects };
}

function slice<T>(all: readonly T[], page: Page | undefined): readonly T[] {
  return page === undefined ? all : all.slice(page.number * page.size, (page.number + 1) * page.size);
}

const leaf = (object: StoredObject, position: Position, options: ResponseOptions): ReplyObject => ({
  className: object.className,
  attributes: wireAttributes(object, position, options.properties),
  children: [],
});

/**
 * What is shown below an object. With `rsp-subtree=full` a wanted class keeps its ancestors, or nobody could tell where
 * it belongs (apic-protocol.md §2.2, inferred).
 */
function structureBelow(object: StoredObject, options: ResponseOptions, records: ShownRecords): readonly ReplyObject[] {
  if (!showsChildren(options)) return [];
  const shown: ReplyObject[] = [];
  for (const child of object.children.values()) {
    const below = options.subtree === 'full' ? belowNested(child, options, records) : [];
    if (below.length > 0 || isIncluded(child, options)) {
      shown.push({ ...leaf(child, 'nested', options), children: below });
    }
  }
  inNestedOrder(shown);
  const health = options.include.has('health') && !object.children.has('health') ? healthOf(object) : undefined;
  if (health !== undefined) shown.push(leaf(health, 'nested', options));
  return shown;
}

const belowNested = (object: StoredObject, options: ResponseOptions, records: ShownRecords): readonly ReplyObject[] => [
  ...structureBelow(object, options, records),
  ...records.ofNested(object).map((record) => leaf(record, 'nested', options)),
];

const showsChildren = (options: ResponseOptions): boolean =>
  options.subtree === 'children' || options.subtree === 'full' || options.include.size > 0;

function isIncluded(object: StoredObject, options: ResponseOptions): boolean {
  if (isIncludedRecord(object.className, options)) return true;
  if (RECORD_CLASSES.has(object.className) || !isStructureShown(options)) return false;
  if (options.classes !== undefined && !options.classes.has(object.className)) return false;
  return options.filter === undefined || options.filter(object);
}

const isStructureShown = (options: ResponseOptions): boolean =>
  options.subtree === 'children' || options.subtree === 'full';

function isIncludedRecord(className: string, options: ResponseOptions): boolean {
  if (options.include.has('relations') && classRow(className)?.relation !== undefined) return true;
  return Object.entries(RECORD_CATEGORIES).some(
    ([category, classes]) => options.include.has(category) && classes.includes(className),
  );
}

/** The one object of `rsp-subtree-include=count`. */
const countObject = (count: number): ReplyObject => ({
  className: 'moCount',
  attributes: {
    childAction: '',
    count: String(count),
    dn: 'cnt',
    lcOwn: 'local',
    modTs: 'never',
    rn: 'cnt',
    status: '',
  },
  children: [],
});
