import type { StringMap } from './object.js';
import type { Requirement, Selector } from './views.js';

/** The selector that selects everything. */
export const EVERY: Selector = { requirements: [] };

/** Canonical form: sorted requirements and values, so that equal selectors have equal keys. */
export function canonicalSelector(requirements: readonly Requirement[]): Selector {
  const sorted = requirements
    .map((requirement) => ({ ...requirement, values: [...new Set(requirement.values)].sort() }))
    .sort((a, b) => compareTexts(requirementKey(a), requirementKey(b)));
  return { requirements: sorted };
}

/** Text that is equal for equal selectors; used to intern them. */
export const selectorKey = (selector: Selector): string =>
  selector.invalid === true ? '!' : selector.requirements.map(requirementKey).join('&');

/**
 * Whether the labels satisfy the selector (policy.md N6, N7): requirements are AND-ed, `In` and `Exists` need the key
 * present, `NotIn` and `DoesNotExist` hold when the key is absent. A selector that could not be read matches nothing.
 */
export const matchesSelector = (selector: Selector, labels: StringMap): boolean =>
  selector.invalid !== true && selector.requirements.every((requirement) => holds(requirement, labels));

function holds({ key, operator, values }: Requirement, labels: StringMap): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

const requirementKey = ({ key, operator, values }: Requirement): string => JSON.stringify([key, operator, ...values]);

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
