import { asList, asRecord, describe, Reading, unknownFields } from './reading.js';
import { canonicalSelector } from './selector.js';
import type { Requirement, Selector } from './views.js';

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;

/**
 * Reads a label selector (meta/v1 LabelSelector). Absent or null selects everything; `matchLabels: null` is empty
 * (policy.md N6). A part that cannot be read makes the selector invalid: it matches nothing.
 */
export function readSelector(reading: Reading, field: string, value: unknown): Selector {
  if (value === undefined || value === null) return canonicalSelector([]);
  const selector = asRecord(value);
  if (selector === undefined) {
    reading.report('INVALID_SELECTOR', field, `expected a label selector, found ${describe(value)}`);
    return { requirements: [], invalid: true };
  }
  const unknown = unknownFields(selector, ['matchLabels', 'matchExpressions']);
  if (unknown.length > 0) {
    const expected = 'expected matchLabels or matchExpressions';
    reading.report('INVALID_SELECTOR', field, `${expected}, found ${unknown.join(', ')}`);
    return { requirements: [], invalid: true };
  }
  const requirements: Requirement[] = [];
  const labels = selector['matchLabels'] ?? {};
  let readable = asRecord(labels) !== undefined && Array.isArray(selector['matchExpressions'] ?? []);
  if (asRecord(labels) === undefined) {
    reading.report('INVALID_SELECTOR', `${field}.matchLabels`, `expected labels, found ${describe(labels)}`);
  }
  for (const [key, label] of Object.entries(asRecord(labels) ?? {})) {
    if (typeof label === 'string') requirements.push({ key, operator: 'In', values: [label] });
    else {
      reading.report('INVALID_SELECTOR', `${field}.matchLabels.${key}`, `expected a string, found ${describe(label)}`);
      readable = false;
    }
  }
  for (const [index, item] of asList(reading, `${field}.matchExpressions`, selector['matchExpressions']).entries()) {
    const requirement = readExpression(reading, `${field}.matchExpressions[${index}]`, item);
    if (requirement === undefined) readable = false;
    else requirements.push(requirement);
  }
  return readable ? canonicalSelector(requirements) : { requirements: [], invalid: true };
}

/** {@link readSelector} for an object that was validated before: nobody listens to what is wrong with it. */
export const selectorOf = (value: unknown): Selector => readSelector(new Reading('selector'), 'selector', value);

function readExpression(reading: Reading, field: string, item: unknown): Requirement | undefined {
  const { key, operator: given, values: list } = asRecord(item) ?? {};
  const operator = OPERATORS.find((known) => known === given);
  if (typeof key !== 'string' || key === '') {
    reading.report('INVALID_SELECTOR', `${field}.key`, `expected a label key, found ${describe(key)}`);
    return undefined;
  }
  if (operator === undefined) {
    reading.report(
      'INVALID_SELECTOR',
      `${field}.operator`,
      `expected ${OPERATORS.join(', ')}, found ${describe(given)}`,
    );
    return undefined;
  }
  const values = asList(reading, `${field}.values`, list);
  const needsValues = operator === 'In' || operator === 'NotIn';
  if (needsValues !== values.length > 0 || !values.every((text): text is string => typeof text === 'string')) {
    const expected = needsValues ? 'a list of strings, not empty' : `no values with ${operator}`;
    reading.report('INVALID_SELECTOR', `${field}.values`, `expected ${expected}, found ${describe(list)}`);
    return undefined;
  }
  return { key, operator, values };
}
