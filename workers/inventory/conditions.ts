import { fieldAt, type KubernetesObject, listAt, textAt } from '#model/kubernetes';

/** What is so, of an object (API conventions, "Typical status properties"). */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  /** One word in CamelCase. */
  readonly reason: string;
  readonly message: string;
}

/** A condition with the time since when its status is what it is, RFC 3339. */
export interface TimedCondition extends Condition {
  readonly lastTransitionTime: string;
}

/** The conditions with times: that of before where the status is still the same. `now` is in milliseconds since the epoch. */
export const timedConditions = (
  conditions: readonly Condition[],
  before: readonly TimedCondition[],
  now: number,
): readonly TimedCondition[] =>
  conditions.map((condition) => {
    const same = before.find(({ type, status }) => type === condition.type && status === condition.status);
    const lastTransitionTime = same?.lastTransitionTime ?? `${new Date(now).toISOString().slice(0, 19)}Z`;
    return { type: condition.type, status: condition.status, lastTransitionTime, ...reasonOf(condition) };
  });

const reasonOf = ({ reason, message }: Condition): Pick<Condition, 'reason' | 'message'> => ({ reason, message });

/** The conditions that an object has. */
export const conditionsOf = (object: KubernetesObject | undefined): readonly TimedCondition[] =>
  listAt(object, 'status', 'conditions').map((condition) => ({
    type: textAt(condition, 'type') ?? '',
    status:
      fieldAt(condition, 'status') === 'True' ? 'True' : fieldAt(condition, 'status') === 'False' ? 'False' : 'Unknown',
    lastTransitionTime: textAt(condition, 'lastTransitionTime') ?? '',
    reason: textAt(condition, 'reason') ?? '',
    message: textAt(condition, 'message') ?? '',
  }));
