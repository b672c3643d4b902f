import { canonicalBySpec, type PropertySpec } from '#model/aci';
import { filterError } from '../apic-error.js';
import type { FilterExpression } from './filter-ast.js';
import { patternSearch } from './pattern.js';
import { compareKeys, type SortKey, sortKeyOf } from './typed-value.js';

/** One comparison of a filter. */
export type Comparison = Extract<FilterExpression, { readonly kind: 'comparison' }>;

/** Answers for one value of the property. */
export type ValueTest = (value: string) => boolean;

/**
 * What a comparison asks of a value of its property. Values are compared by type (apic-protocol.md §2.3). Throws code 301
 * for a value that the type does not have, and for a pattern that is none.
 */
export function valueTest(comparison: Comparison, spec: PropertySpec): ValueTest {
  const [first = '', second = ''] = comparison.values;
  switch (comparison.operator) {
    case 'wcard':
      return wildcard(first);
    case 'anybit':
    case 'allbits':
      return bits(comparison.operator, checked(comparison, spec, first));
    default:
      return ordered(comparison, spec, [checked(comparison, spec, first), checked(comparison, spec, second)]);
  }
}

function ordered(comparison: Comparison, spec: PropertySpec, [first, second]: readonly [string, string]): ValueTest {
  const { operator } = comparison;
  if (operator === 'eq') return (value) => value === first;
  if (operator === 'ne') return (value) => value !== first;
  const keyOf = sortKeyOf(spec);
  return orderTest(operator, keyOf, [keyOf(first), keyOf(second)]);
}

function orderTest(
  operator: Comparison['operator'],
  keyOf: (value: string) => SortKey,
  [first, second]: readonly [SortKey, SortKey],
): ValueTest {
  switch (operator) {
    case 'lt':
      return (value) => compareKeys(keyOf(value), first) < 0;
    case 'gt':
      return (value) => compareKeys(keyOf(value), first) > 0;
    case 'le':
      return (value) => compareKeys(keyOf(value), first) <= 0;
    case 'ge':
      return (value) => compareKeys(keyOf(value), first) >= 0;
    default:
      return (value) => {
        const key = keyOf(value);
        return compareKeys(key, first) >= 0 && compareKeys(key, second) <= 0;
      };
  }
}

/** `wcard` is a regular expression that may match anywhere; a leading `*` is refused (apic-protocol.md §2.3). */
function wildcard(pattern: string): ValueTest {
  const search = patternSearch(pattern);
  if (search === undefined) throw filterError(`Incorrect filter format for wcard, value '${pattern}' is not valid`);
  return search;
}

function bits(operator: 'anybit' | 'allbits', wanted: string): ValueTest {
  const names = wanted.split(',').map((name) => name.trim());
  return (value) => {
    const set = new Set(value.split(','));
    return operator === 'anybit' ? names.some((name) => set.has(name)) : names.every((name) => set.has(name));
  };
}

/** The value in the property's own spelling. Throws code 301 for one that its type does not have. */
function checked(comparison: Comparison, spec: PropertySpec, value: string): string {
  const canonical = canonicalBySpec(spec, value);
  if (fits(spec, canonical)) return canonical;
  throw filterError(
    `Incorrect filter format for ${comparison.className}.${comparison.property}, value '${value}' is not valid`,
  );
}

function fits(spec: PropertySpec, value: string): boolean {
  if (value === '') return true;
  switch (spec.type) {
    case 'enum':
    case 'bool':
      return spec.values?.includes(value) ?? true;
    case 'bitmask':
      return value.split(',').every((bit) => spec.values?.includes(bit) ?? true);
    case 'date':
      return value === spec.default || value === 'never' || !Number.isNaN(Date.parse(value));
    case 'number':
      return spec.named !== undefined || /^-?\d+(\.\d+)?$/.test(value) || value === spec.default;
    default:
      return true;
  }
}
