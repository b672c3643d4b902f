import { badRequest } from '../apic-error.js';
import type { StoredObject } from '../tree/index.js';
import { reader, specOf } from './filter.js';
import { selectRange } from './select-range.js';
import { compareKeys, type SortKey, sortKeyOf } from './typed-value.js';

/** One key of `order-by`. */
export interface Order {
  /** The key of an object; the lowest of all for one that does not have the property. */
  readonly keyOf: (object: StoredObject) => SortKey;
  readonly descending: boolean;
}

/**
 * Reads `order-by`: `cls.prop|asc` or `|desc`, a comma list, ascending by default (apic-protocol.md §2.2).
 * Keys that are secret order nothing. Throws codes 122, 121, or 400 for a text of another form.
 */
export function parseOrder(text: string): readonly Order[] {
  return text.split(',').flatMap((key) => {
    const match = /^\s*(\w+)\.(\w+)(?:\|(asc|desc))?\s*$/.exec(key);
    const [, className, property, direction] = match ?? [];
    if (className === undefined || property === undefined) {
      throw badRequest(`Request failed, invalid value '${key}' for option order-by`);
    }
    const spec = specOf(className, property);
    if (spec.secure === true) return [];
    const read = reader(property);
    const keyOf = sortKeyOf(spec);
    return [{ keyOf: (object) => keyOf(read(object) ?? ''), descending: direction === 'desc' }];
  });
}

/**
 * The objects at the places from `from` up to `to` of the given order; what is equal keeps the order it came in. Keys are
 * read once, and only the wanted places are sorted out: a page of 100,000 costs little more than looking at them.
 */
export function inOrder(
  objects: readonly StoredObject[],
  order: readonly Order[],
  [from, to]: readonly [number, number],
): readonly StoredObject[] {
  if (order.length === 0) return objects.slice(from, to);
  const keys = order.map(({ keyOf, descending }) => ({ values: objects.map(keyOf), sign: descending ? -1 : 1 }));
  const compare = (a: number, b: number): number => {
    for (const { values, sign } of keys) {
      const difference = compareKeys(values[a] ?? '', values[b] ?? '');
      if (difference !== 0) return sign * difference;
    }
    return a - b;
  };
  const places = selectRange(objects.length, compare, [from, Math.min(to, objects.length)]);
  return places.flatMap((place) => objects[place] ?? []);
}
