import { badRequest, classNotFound, incorrectArgument } from '../apic-error.js';
import { both, compileFilter, type Filter } from './filter.js';
import { type Order, parseOrder } from './order.js';
import { queriedClasses } from './queried-classes.js';
import { readSubtreeInclude, type SubtreeInclude } from './subtree-include.js';
import { timeRangeFilter } from './time-range.js';
import type { PropertyInclusion } from './wire.js';

/** Options of a GET (apic-protocol.md §2.2), read and checked. */
export interface QueryOptions {
  readonly queryTarget: 'self' | 'children' | 'subtree';
  /** Concrete classes of `target-subtree-class`; undefined for all. */
  readonly targetClasses: ReadonlySet<string> | undefined;
  readonly filter: Filter | undefined;
  readonly response: ResponseOptions;
  readonly order: readonly Order[];
  readonly page: Page | undefined;
  readonly subscribe: boolean;
  readonly refreshTimeoutSeconds: number | undefined;
}

/** What is shown of each object found. */
export interface ResponseOptions {
  readonly subtree: 'no' | 'children' | 'full';
  /** Concrete classes of `rsp-subtree-class`; undefined for all. */
  readonly classes: ReadonlySet<string> | undefined;
  readonly filter: Filter | undefined;
  readonly include: SubtreeInclude;
  readonly properties: PropertyInclusion;
  /** What `time-range` lets pass of the records that are shown. */
  readonly timeRange: Filter | undefined;
}

/** A slice of the answer, the first page being 0. */
export interface Page {
  readonly number: number;
  readonly size: number;
}

/**
 * What Python writes for an option without a value: cisco.aci's aci_rest asks for `page=None` beside a `page-size`, and its
 * tests, written against APICs, get the first page. That the other options are as lenient is a guess.
 */
const NO_VALUE = 'None';

/** Reads the options of a query; later ones win. `now` is what `time-range` counts from. Throws {@link ApicError}. */
export function readQueryOptions(
  sent: ReadonlyMap<string, string>,
  classes?: ReadonlySet<string>,
  now = 0,
): QueryOptions {
  const given = new Map([...sent].filter(([, value]) => value !== NO_VALUE));
  const targetClasses = classesOf(given.get('target-subtree-class'));
  const queryTarget = oneOf(given, 'query-target', ['self', 'children', 'subtree']);
  const filtered = targetClasses ?? (queryTarget === 'self' ? classes : undefined);
  const order = given.get('order-by');
  const range = given.get('time-range') ?? '';
  const timeRange = range === '' ? undefined : timeRangeFilter(range, now);
  return {
    queryTarget,
    targetClasses,
    filter: bothGiven(filterOf(given.get('query-target-filter'), filtered), timeRange),
    response: { ...readResponseOptions(given), timeRange },
    order: order === undefined || order === '' ? [] : parseOrder(order),
    page: readPage(given),
    subscribe: given.get('subscription') === 'yes',
    refreshTimeoutSeconds: wholeNumber(given, 'refresh-timeout'),
  };
}

function bothGiven(first: Filter | undefined, second: Filter | undefined): Filter | undefined {
  return first === undefined || second === undefined ? (first ?? second) : both(first, second);
}

function readResponseOptions(given: ReadonlyMap<string, string>): Omit<ResponseOptions, 'timeRange'> {
  const classes = classesOf(given.get('rsp-subtree-class'));
  return {
    subtree: oneOf(given, 'rsp-subtree', ['no', 'children', 'full']),
    classes,
    filter: filterOf(given.get('rsp-subtree-filter'), classes),
    include: readSubtreeInclude(given.get('rsp-subtree-include') ?? ''),
    properties: readPropertyInclusion(given),
  };
}

/** `config-explicit`, what differs from the defaults, and `oper` are inferred from their names (apic-protocol.md §2.2). */
const PROPERTY_INCLUSIONS = ['all', 'naming-only', 'config-only', 'config-explicit', 'config-all', 'oper'] as const;

function readPropertyInclusion(given: ReadonlyMap<string, string>): PropertyInclusion {
  const word = oneOf(given, 'rsp-prop-include', PROPERTY_INCLUSIONS);
  return word === 'config-all' ? 'config-only' : word;
}

function oneOf<const Word extends string>(
  given: ReadonlyMap<string, string>,
  option: string,
  words: readonly [Word, ...Word[]],
): Word {
  const value = given.get(option) ?? '';
  if (value === '') return words[0];
  const word = words.find((candidate) => candidate === value);
  if (word === undefined) throw incorrectArgument(option, [`_${words[0]}_`, ...words.slice(1)]);
  return word;
}

/** A comma list of classes, abstract ones fanned out; empty elements are legal (apic-protocol.md §2.2). */
function classesOf(list: string | undefined): ReadonlySet<string> | undefined {
  const names = (list ?? '').split(',').map((name) => name.trim());
  const wanted = names.filter((name) => name !== '');
  if (wanted.length === 0) return undefined;
  return new Set(
    wanted.flatMap((name) => {
      const concrete = queriedClasses(name);
      if (concrete.length === 0) throw classNotFound(name);
      return concrete;
    }),
  );
}

function filterOf(text: string | undefined, classes: ReadonlySet<string> | undefined): Filter | undefined {
  return text === undefined || text === '' ? undefined : compileFilter(text, classes);
}

function readPage(given: ReadonlyMap<string, string>): Page | undefined {
  const size = wholeNumber(given, 'page-size');
  const number = wholeNumber(given, 'page');
  if (size === undefined && number === undefined) return undefined;
  return { number: number ?? 0, size: size === undefined || size === 0 ? Number.MAX_SAFE_INTEGER : size };
}

function wholeNumber(given: ReadonlyMap<string, string>, option: string): number | undefined {
  const value = given.get(option);
  if (value === undefined || value === '') return undefined;
  if (!/^\d{1,9}$/.test(value)) throw badRequest(`Request failed, invalid value '${value}' for option ${option}`);
  return Number(value);
}
