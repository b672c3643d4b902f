import {
  type Attributes,
  canonicalBySpec,
  concreteClasses,
  isKindOf,
  type PropertySpec,
  propertySpec,
} from '#model/aci';
import { classNotFound, filterError, propertyNotFound } from '../apic-error.js';
import type { FilterExpression } from './filter-ast.js';
import { parseFilter } from './filter-parser.js';
import { patternSearch } from './pattern.js';
import { compareValues } from './typed-value.js';

/** What a filter is asked about. */
export interface FilterSubject {
  readonly className: string;
  readonly dn: string;
  readonly rn: string;
  readonly attributes: Attributes;
}

/** A filter ready to be asked. */
export type Filter = (subject: FilterSubject) => boolean;

type Comparison = Extract<FilterExpression, { readonly kind: 'comparison' }>;

/**
 * Reads a filter and checks its classes, properties and values against the model. `targets` are the classes that the
 * query returns, or undefined for any. Throws codes 122, 121 and 301 (apic-protocol.md §2.3).
 */
export function compileFilter(text: string, targets: ReadonlySet<string> | undefined): Filter {
  return compile(parseFilter(text), targets);
}

function compile(expression: FilterExpression, targets: ReadonlySet<string> | undefined): Filter {
  switch (expression.kind) {
    case 'constant':
      return () => expression.value;
    case 'not': {
      const operand = compile(expression.operand, targets);
      return (subject) => !operand(subject);
    }
    case 'and':
    case 'or':
    case 'xor':
      return combine(
        expression.kind,
        expression.operands.map((operand) => compile(operand, targets)),
      );
    default:
      return compileComparison(expression, targets);
  }
}

function combine(kind: 'and' | 'or' | 'xor', operands: readonly Filter[]): Filter {
  switch (kind) {
    case 'and':
      return (subject) => operands.every((operand) => operand(subject));
    case 'or':
      return (subject) => operands.some((operand) => operand(subject));
    default:
      return (subject) => operands.filter((operand) => operand(subject)).length % 2 === 1;
  }
}

/**
 * The class before the dot may be a superclass, or another class than the queried one: then objects are compared that
 * have a property of that name (apic-protocol.md §2.3, `faultDelegate` filtered by `faultInst.*`).
 */
function compileComparison(comparison: Comparison, targets: ReadonlySet<string> | undefined): Filter {
  const { className, property } = comparison;
  const spec = specOf(className, property);
  const test = valueTest(comparison, spec);
  const isForeign = targets !== undefined && ![...targets].some((target) => isKindOf(target, className));
  const isOfClass = remembered((name) => isForeign || isKindOf(name, className));
  return (subject) => {
    if (!isOfClass(subject.className)) return false;
    // Passwords are as empty for filters as they are in answers, or a filter could guess them letter by letter.
    const value = spec.secure === true ? '' : valueOf(subject, property);
    return value !== undefined && test(value);
  };
}

/** Objects come by class: the answer for the last class is kept, because a query asks it for each of 100,000 objects. */
function remembered(ask: (className: string) => boolean): (className: string) => boolean {
  let last: string | undefined;
  let answer = false;
  return (className) => {
    if (className === last) return answer;
    last = className;
    answer = ask(className);
    return answer;
  };
}

/** Spec of a property of a class or of one of an abstract class's subclasses. Throws codes 122 and 121. */
export function specOf(className: string, property: string): PropertySpec {
  const classes = concreteClasses(className);
  if (classes.length === 0) throw classNotFound(className);
  for (const name of classes) {
    const spec = propertySpec(name, property);
    if (spec !== undefined) return spec;
  }
  throw propertyNotFound(className, property);
}

/** A property's value as an answer would show it. */
export function valueOf(subject: FilterSubject, property: string): string | undefined {
  switch (property) {
    case 'dn':
      return subject.dn;
    case 'rn':
      return subject.rn;
    case 'status':
    case 'childAction':
      return '';
    default:
      return subject.attributes[property];
  }
}

function valueTest(comparison: Comparison, spec: PropertySpec): (value: string) => boolean {
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

function ordered(
  comparison: Comparison,
  spec: PropertySpec,
  [first, second]: readonly [string, string],
): (value: string) => boolean {
  switch (comparison.operator) {
    case 'ne':
      return (value) => value !== first;
    case 'lt':
      return (value) => compareValues(spec, value, first) < 0;
    case 'gt':
      return (value) => compareValues(spec, value, first) > 0;
    case 'le':
      return (value) => compareValues(spec, value, first) <= 0;
    case 'ge':
      return (value) => compareValues(spec, value, first) >= 0;
    case 'bw':
      return (value) => compareValues(spec, value, first) >= 0 && compareValues(spec, value, second) <= 0;
    default:
      return (value) => value === first;
  }
}

/** `wcard` is a regular expression that may match anywhere; a leading `*` is refused (apic-protocol.md §2.3). */
function wildcard(pattern: string): (value: string) => boolean {
  const search = patternSearch(pattern);
  if (search === undefined) throw filterError(`Incorrect filter format for wcard, value '${pattern}' is not valid`);
  return search;
}

function bits(operator: 'anybit' | 'allbits', wanted: string): (value: string) => boolean {
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
