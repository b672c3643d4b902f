import { classRow } from '#model/aci';
import { healthOf } from '../faults/index.js';
import { type StoredObject, subtreeOf } from '../tree/index.js';
import { inOrder, type Order } from './order.js';
import type { Page, ResponseOptions } from './query-options.js';
import { isHidden } from './subtree-include.js';
import { type Position, type QueryAnswer, type ReplyObject, wireAttributes } from './wire.js';

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
  if (options.include.count) return { totalCount: 1, objects: [countObject(found.length)] };
  if (options.include.noScoped) {
    const records = inOrder(found, order, [0, found.length]).flatMap((object) => [
      ...below(object, options).filter((child) => isIncluded(child, options)),
      ...recordsOf(object, options),
    ]);
    const objects = records.slice(...placesOf(page)).map((record) => leaf(record, 'top', options));
    return { totalCount: records.length, objects };
  }
  const kept = options.include.required ? found.filter((object) => childrenOf(object, options).length > 0) : found;
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

/** Children, or with `rsp-subtree-include=…,subtree` all that is below. */
const below = (object: StoredObject, { include }: ResponseOptions): readonly StoredObject[] =>
  include.subtree ? [...subtreeOf(object)].slice(1) : [...object.children.values()];

/**
 * What is shown below an object. With `rsp-subtree=full` a wanted class keeps its ancestors, or nobody could tell where
 * it belongs (apic-protocol.md §2.2, inferred); records of a subtree likewise.
 */
function childrenOf(object: StoredObject, options: ResponseOptions): readonly ReplyObject[] {
  return [
    ...childObjects(object, options),
    ...recordsOf(object, options).map((record) => leaf(record, 'nested', options)),
  ];
}

function childObjects(object: StoredObject, options: ResponseOptions): readonly ReplyObject[] {
  const { include } = options;
  if (!isStructureShown(options) && !include.isGiven) return [];
  const isDeep = options.subtree === 'full' || include.subtree;
  const shown: ReplyObject[] = [];
  for (const child of object.children.values()) {
    const lower = isDeep ? childObjects(child, options) : [];
    if (lower.length > 0 || isIncluded(child, options)) {
      shown.push({ ...leaf(child, 'nested', options), children: lower });
    }
  }
  const isHealthMissing = include.classes.has('healthInst') && !object.children.has('health');
  const health = isHealthMissing ? healthOf(object) : undefined;
  if (health !== undefined) shown.push(leaf(health, 'nested', options));
  return shown;
}

/** The wanted logs of an object, which are no children of it; with `subtree` also of all below it. */
function recordsOf(
  object: StoredObject,
  { include, timeRange = () => true }: ResponseOptions,
): readonly StoredObject[] {
  if (include.classes.size === 0) return [];
  const scope = include.subtree ? [...subtreeOf(object)] : [object];
  return scope.flatMap(({ records = [] }) =>
    records.filter((record) => include.classes.has(record.className) && timeRange(record)),
  );
}

function isIncluded(object: StoredObject, options: ResponseOptions): boolean {
  const { include } = options;
  if (include.classes.has(object.className)) return true;
  if (include.relations && classRow(object.className)?.relation !== undefined) return true;
  if (isHidden(object.className) || !isStructureShown(options)) return false;
  if (options.classes !== undefined && !options.classes.has(object.className)) return false;
  return options.filter === undefined || options.filter(object);
}

const isStructureShown = (options: ResponseOptions): boolean =>
  options.subtree === 'children' || options.subtree === 'full';

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
