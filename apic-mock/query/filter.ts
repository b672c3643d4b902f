import { type Attributes, concreteClasses, isKindOf, type PropertySpec, propertySpec } from '#model/aci';
import { classNotFound, propertyNotFound } from '../apic-error.js';
import { ENVELOPE_PROPERTIES } from '../tree/index.js';
import type { FilterExpression } from './filter-ast.js';
import { parseFilter } from './filter-parser.js';
import { type Comparison, type ValueTest, valueTest } from './value-test.js';

/** What a filter is asked about. */
export interface FilterSubject {
  readonly className: string;
  readonly dn: string;
  readonly rn: string;
  readonly attributes: Attributes;
}

/** A filter ready to be asked. */
export interface Filter {
  (subject: FilterSubject): boolean;
  /** What the value of one property fulfils wherever the filter is true: it rules out most objects of a class at once. */
  readonly necessary?: NecessaryTest;
}

/** A test of the values of one property. */
export interface NecessaryTest {
  readonly property: string;
  readonly test: ValueTest;
}

/** A filter that is true where both are. */
export const both = (first: Filter, second: Filter): Filter =>
  withNecessary((subject) => first(subject) && second(subject), first.necessary ?? second.necessary);

const withNecessary = (filter: (subject: FilterSubject) => boolean, necessary: NecessaryTest | undefined): Filter =>
  Object.assign(filter, necessary === undefined ? {} : { necessary });

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
      return operands.reduce(both);
    case 'or':
      return operands.reduce((first, second) => (subject) => first(subject) || second(subject));
    default:
      return operands.reduce((first, second) => (subject) => first(subject) !== second(subject));
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
  // Passwords are as empty for filters as they are in answers, or a filter could guess them letter by letter.
  const asks = spec.secure === true ? () => test('') : propertyTest(property, test);
  const isStored = spec.secure !== true && (property === 'dn' || !ENVELOPE_PROPERTIES.has(property));
  const necessary = isStored ? { property, test } : undefined;
  const kinds = [...(targets ?? [])].map((target) => isKindOf(target, className));
  const isAnyClass = targets !== undefined && (kinds.every(Boolean) || !kinds.some(Boolean));
  if (isAnyClass) return withNecessary(asks, necessary);
  const isOfClass = remembered((name) => isKindOf(name, className));
  return withNecessary((subject) => isOfClass(subject.className) && asks(subject), necessary);
}

/** One function for the most frequent case instead of two: it is called for each object. */
function propertyTest(property: string, test: ValueTest): Filter {
  if (property === 'dn') return (subject) => test(subject.dn);
  if (ENVELOPE_PROPERTIES.has(property)) {
    const read = reader(property);
    return (subject) => test(read(subject) ?? '');
  }
  return (subject) => {
    const value = subject.attributes[property];
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
  if (property === 'name' && classes.some((name) => isKindOf(name, NAMED))) return {};
  throw propertyNotFound(className, property);
}

/**
 * What has a `name` for filters, even where a class hides it: the tests of cisco.aci ask for `vmmVSwitchPolicyCont.name`
 * and get an answer. No object has such a name.
 */
const NAMED = 'namingNamedObject';

/** Reads a property as an answer would show it; undefined for an object that does not have it. */
export function reader(property: string): (subject: FilterSubject) => string | undefined {
  switch (property) {
    case 'dn':
      return (subject) => subject.dn;
    case 'rn':
      return (subject) => subject.rn;
    case 'status':
    case 'childAction':
      return () => '';
    default:
      return (subject) => subject.attributes[property];
  }
}
