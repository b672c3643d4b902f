import { classRow } from '#model/aci';
import { healthOf } from '../faults/index.js';
import { type StoredObject, subtreeOf } from '../tree/index.js';
import { inOrder, type Order } from './order.js';
import type { Page, ResponseOptions } from './query-options.js';
import { type Position, type QueryAnswer, type ReplyObject, wireAttributes } from './wire.js';

/** Records that stand below the object they are about and are shown only when asked for (`rsp-subtree-include`). */
const RECORD_CATEGORIES: Readonly<Record<string, readonly string[]>> = {
  faults: ['faultInst', 'faultDelegate'],
  'fault-count': ['faultCounts'],
  health: ['healthInst'],
};

const RECORD_CLASSES: ReadonlySet<string> = new Set(Object.values(RECORD_CATEGORIES).flat());

/** Which of the objects found are shown, and in what order. */
export interface Window {
  readonly order: readonly Order[];
  readonly page: Page | undefined;
}

/** Turns the objects found into the objects of the answer (apic-protocol.md §2.2). */
export function answerObjects(
  found: readonly StoredObject[],
  options: ResponseOptions,
  { order, page }: Window,
): QueryAnswer {
  if (options.include.has('count')) return { totalCount: 1, objects: [countObject(found.length)] };
  if (options.include.has('no-scoped')) {
    const records = inOrder(found, order, [0, found.length]).flatMap((object) => [
      ...[...object.children.values()].filter((child) => isIncluded(child, options)),
      ...recordsOf(object, options),
    ]);
    const objects = records.slice(...placesOf(page)).map((record) => leaf(record, 'top', options));
    return { totalCount: records.length, objects };
  }
  const kept = options.include.has('required')
    ? found.filter((object) => childrenOf(object, options).length > 0)
    : found;
  const objects = inOrder(kept, order, placesOf(page)).map((object) => ({
    ...leaf(object, 'top', options),
    children: childrenOf(object, options),
  }));
  return { totalCount: kept.length, objects };
}

/** From where up to where the page goes in the whole answer. */
const placesOf = (page: Page | undefined): readonly [number, number] =>
  page === undefined
    ? [0, Number.MAX_SAFE_INTEGER]
    : [page.number * page.size, Math.min((page.number + 1) * page.size, Number.MAX_SAFE_INTEGER)];

const leaf = (object: StoredObject, position: Position, options: ResponseOptions): ReplyObject => ({
  className: object.className,
  attributes: wireAttributes(object, position, options.properties),
  children: [],
});

/**
 * What is shown below an object. With `rsp-subtree=full` a wanted class keeps its ancestors, or nobody could tell where
 * it belongs (apic-protocol.md §2.2, inferred).
 */
function childrenOf(object: StoredObject, options: ResponseOptions): readonly ReplyObject[] {
  if (!showsChildren(options)) return [];
  const shown: ReplyObject[] = [];
  for (const child of object.children.values()) {
    const below = options.subtree === 'full' ? childrenOf(child, options) : [];
    if (below.length > 0 || isIncluded(child, options)) {
      shown.push({ ...leaf(child, 'nested', options), children: below });
    }
  }
  for (const record of recordsOf(object, options)) shown.push(leaf(record, 'nested', options));
  const health = options.include.has('health') && !object.children.has('health') ? healthOf(object) : undefined;
  if (health !== undefined) shown.push(leaf(health, 'nested', options));
  return shown;
}

/** The audit log of an object; with `subtree` also of all below it. */
function recordsOf(
  object: StoredObject,
  { include, timeRange = () => true }: ResponseOptions,
): readonly StoredObject[] {
  if (!include.has('audit-logs')) return [];
  const scope = include.has('subtree') ? [...subtreeOf(object)] : [object];
  return scope.flatMap(({ records = [] }) =>
    records.filter((record) => record.className === 'aaaModLR' && timeRange(record)),
  );
}

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
