import { type FlatObject, MARK_KEYS } from '#model/aci';
import { DEFAULT_DRIFT_RULES, type DriftPolicy, type DriftRule } from '#model/settings';

/** What becomes of drift in a field of an object, or of the object as a whole. */
export type DriftPolicies = (object: Pick<FlatObject, 'className' | 'dn'>, field: string) => DriftPolicy;

/**
 * Policies of the rules, then of the defaults; the first that fits counts. The gateway's own marks, and `annotation` on what
 * it made, are always repaired: by them it knows what is its own.
 */
export function driftPolicies(rules: readonly DriftRule[]): DriftPolicies {
  const all = [...rules, ...DEFAULT_DRIFT_RULES].map((rule) => ({
    className: pattern(rule.class),
    field: pattern(rule.field),
    policy: rule.policy,
  }));
  const found = new Map<string, DriftPolicy>();
  const byRules = (className: string, field: string): DriftPolicy =>
    all.find((rule) => rule.className.test(className) && rule.field.test(field))?.policy ?? 'repair';
  return (object, field) => {
    const { className } = object;
    if (field === 'annotation' || isOwnMark(object)) return 'repair';
    const key = `${className}.${field}`;
    const policy = found.get(key) ?? byRules(className, field);
    found.set(key, policy);
    return policy;
  };
}

/** Whether the object is a mark of a gateway's. */
export const isOwnMark = ({ className, dn }: Pick<FlatObject, 'className' | 'dn'>): boolean =>
  className === 'tagAnnotation' && MARK.test(dn);

/** RN of a mark; names of joined groups may take several, with a number behind the key. */
const MARK = new RegExp(`/annotationKey-\\[(${Object.values(MARK_KEYS).join('|')})(\\.\\d+)?\\]$`);

/** A text in which `*` stands for any characters. */
const pattern = (text: string): RegExp =>
  new RegExp(`^${text.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
