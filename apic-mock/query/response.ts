import { classRow } from '#model/aci';
import { healthOf } from '../faults/index.js';
import { type ObjectStore, type StoredObject, subtreeOf } from '../tree/index.js';
import { inNestedOrder } from './nested-order.js';
import { inOrder } from './order.js';
import type { Page, QueryOptions, ResponseOptions } from './query-options.js';
import { ShownRecords } from './shown-records.js';
import { isHidden } from './subtree-include.js';
import { type Position, type QueryAnswer, type ReplyObject, wireAttributes } from './wire.js';

/** Turns the objects found into the objects of the answer (apic-protocol.md §2.2). */
export function answerObjects(store: ObjectStore, found: readonly StoredObject[], options: QueryOptions): QueryAnswer {
  const { response, page, order } = options;
  const { include } = response;
  if (include.count) return { totalCount: 1, objects: [countObject(found.length)] };
  const records = new ShownRecords(store, found, response);
  if (include.noScoped) {
    const scoped = found.flatMap((object) => below(object, response).filter((child) => isIncluded(child, response)));
    const all = [...scoped, ...records.all()];
    const objects = inOrder(all, order, placesOf(page)).map((record) => leaf(record, 'top', response));
    return { totalCount: all.length, objects };
  }
  const childrenOf = (object: StoredObject): readonly ReplyObject[] => [
    ...structureBelow(object, response, records),
    ...records.ofFound(object).map((record) => leaf(record, 'nested', response)),
  ];
  const kept = include.required ? found.filter((object) => childrenOf(object).length > 0) : found;
  const objects = inOrder(kept, order, placesOf(page)).map((object) => ({
    ...leaf(object, 'top', response),
    children: childrenOf(object),
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
 * it belongs (apic-protocol.md §2.2, inferred); records of a subtree likewise. It keeps all that is below it too: modules
 * of cisco.aci ask for `rtctrlScope`, `commHttps` or `pimASMPatPol` alone, and their tests, written against APICs, find
 * the relations and policies below.
 */
function structureBelow(object: StoredObject, options: ResponseOptions, records: ShownRecords): readonly ReplyObject[] {
  const { include } = options;
  if (!isStructureShown(options) && !include.isGiven) return [];
  const shown: ReplyObject[] = [];
  for (const child of object.children.values()) {
    const isWanted = options.classes?.has(child.className) === true;
    const lower = lowerObjects(child, isWanted ? allBelow(options) : options, records);
    if (lower.length > 0 || isIncluded(child, options)) {
      shown.push({ ...leaf(child, 'nested', options), children: lower });
    }
  }
  inNestedOrder(shown);
  const isHealthMissing = include.classes.has('healthInst') && !object.children.has('health');
  const health = isHealthMissing ? healthOf(object) : undefined;
  if (health !== undefined) shown.push(leaf(health, 'nested', options));
  return shown;
}

/** What is shown below a nested object. Its logs stand there only where the whole structure is shown. */
function lowerObjects(object: StoredObject, options: ResponseOptions, records: ShownRecords): readonly ReplyObject[] {
  if (options.subtree !== 'full') return options.include.subtree ? structureBelow(object, options, records) : [];
  const own = records.ofNested(object).map((record) => leaf(record, 'nested', options));
  return [...structureBelow(object, options, records), ...own];
}

/** The options for what is below an object of a wanted class. */
const allBelow = (options: ResponseOptions): ResponseOptions => ({ ...options, classes: undefined });

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
