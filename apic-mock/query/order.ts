import type { PropertySpec } from '#model/aci';
import { badRequest } from '../apic-error.js';
import type { StoredObject } from '../tree/index.js';
import { specOf, valueOf } from './filter.js';
import { compareValues } from './typed-value.js';

/** One key of `order-by`. */
export interface Order {
  readonly property: string;
  readonly spec: PropertySpec;
  readonly descending: boolean;
}

/**
 * Reads `order-by`: `cls.prop|asc` or `|desc`, a comma list, ascending by default (apic-protocol.md §2.2).
 * Keys that are secret order nothing. Throws codes 122, 121, or 400 for a text of another form.
 */
export function parseOrder(text: string): readonly Order[] {
  return text
    .split(',')
    .map((key) => {
      const match = /^\s*(\w+)\.(\w+)(?:\|(asc|desc))?\s*$/.exec(key);
      const [, className, property, direction] = match ?? [];
      if (className === undefined || property === undefined) {
        throw badRequest(`Request failed, invalid value '${key}' for option order-by`);
      }
      return { property, spec: specOf(className, property), descending: direction === 'desc' };
    })
    .filter(({ spec }) => spec.secure !== true);
}

/** The objects in order; those without the property come first. */
export function sorted(objects: readonly StoredObject[], order: readonly Order[]): readonly StoredObject[] {
  if (order.length === 0) return objects;
  return [...objects].sort((a, b) => {
    for (const { property, spec, descending } of order) {
      const difference = compareValues(spec, valueOf(a, property) ?? '', valueOf(b, property) ?? '');
      if (difference !== 0) return descending ? -difference : difference;
    }
    return 0;
  });
}
