import { isWithin } from '#model/aci';
import type { QueryOptions, QueryTarget } from '../query/index.js';
import type { Session } from '../session/index.js';
import type { StoredObject } from '../tree/index.js';
import type { WireFormat } from '../wire/index.js';

/** A query that a session wants to hear of (apic-protocol.md §5). */
export interface Subscription {
  readonly id: string;
  readonly session: Session;
  readonly target: QueryTarget;
  readonly scope: QueryOptions['queryTarget'];
  readonly classes: ReadonlySet<string> | undefined;
  readonly filter: QueryOptions['filter'];
  readonly format: WireFormat;
  /** Made by a request with two tokens: an APIC gives an id and then stays silent (apic-protocol.md §1.1). */
  readonly muted: boolean;
}

/**
 * Whether an object of the query's scope is this many steps below its root: 0 is the root itself. Response options such
 * as rsp-subtree do not widen the scope (apic-protocol.md §5.2).
 */
export function reaches(subscription: Subscription, steps: number): boolean {
  switch (subscription.scope) {
    case 'self':
      return steps === 0;
    case 'children':
      return steps === 1;
    default:
      return true;
  }
}

/** Whether a root of a class query lies where the query looks. */
export function holdsRoot(subscription: Subscription, root: StoredObject): boolean {
  const { target } = subscription;
  return target.kind === 'mo' || target.below === undefined || isWithin(root.dn, target.below);
}

/** Whether the class is one that the query returns. */
export const wantsClass = (subscription: Subscription, className: string): boolean =>
  subscription.classes === undefined || subscription.classes.has(className);
