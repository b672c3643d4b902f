import type { Deviation, DriftEffect } from '#fabric';
import type { DriftPolicy } from '#model/settings';
import type { DriftAuthor } from '#ports';

/** One drift, as it is followed from when it is found to when it is forgotten. */
export interface DriftItem extends Deviation {
  readonly key: string;
  readonly policy: DriftPolicy;
  readonly effect: DriftEffect;
  /** Kubernetes objects that asked for the object. */
  readonly sources: readonly string[];
  /** `modTs` of the object when this was found: the same edit may be told twice. */
  readonly modifiedAt: string | undefined;
  /** When it was found, in milliseconds since the epoch. */
  readonly since: number;
  /** When it was put back, by a clock that nobody sets; undefined while it stands. */
  readonly repairedAt: number | undefined;
  /** Whether this very edit was put back before: its event came twice, or late. */
  readonly wasRepaired: boolean;
  /** When the gateway will put it back, after a fight over it; undefined where it does not back off. */
  readonly pausedUntil: number | undefined;
  readonly author: DriftAuthor | undefined;
  /** Users who changed it since it is followed, the last one at the end. */
  readonly users: readonly string[];
  readonly flips: number;
}

/** What tells a drift from others: the object and the field. */
export const driftKey = ({ dn, field }: Pick<Deviation, 'dn' | 'field'>): string => `${dn} ${field}`;
