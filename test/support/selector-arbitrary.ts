import fc from 'fast-check';

// The smallest vocabulary in which every mistake shows (policy.md §4.5).

const LABEL_KEYS = ['app', 'tier'] as const;
const LABEL_VALUES = ['a', 'b', ''] as const;
/** Nested blocks of pods and of outside addresses, one with host bits. */
export const CIDRS = [
  '0.0.0.0/0',
  '10.0.0.0/8',
  '10.0.0.0/30',
  '10.0.0.2/32',
  '192.0.2.0/24',
  '192.0.2.128/25',
  '203.0.113.9/4',
  '2001:db8::/64',
  '2001:db8::2/128',
];

/** Few keys and values, the empty value among them. */
export const labels = fc.dictionary(fc.constantFrom(...LABEL_KEYS), fc.constantFrom(...LABEL_VALUES), { maxKeys: 2 });
const expression = fc.oneof(
  fc.record({
    key: fc.constantFrom(...LABEL_KEYS),
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.uniqueArray(fc.constantFrom(...LABEL_VALUES), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ key: fc.constantFrom(...LABEL_KEYS), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
);
/** Label selectors; the empty one is common. */
export const selector = fc.oneof(
  { weight: 1, arbitrary: fc.constant({}) },
  {
    weight: 4,
    arbitrary: fc.record(
      { matchLabels: labels, matchExpressions: fc.array(expression, { maxLength: 2 }) },
      { requiredKeys: [] },
    ),
  },
);
