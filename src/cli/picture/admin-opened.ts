import type { ZoningRule } from '#fabric';
import type { AdminOpening } from '#model/policy';

/** What admins have opened by contracts of their own, which the hosts let through as well (finding ADMIN_CONTRACT). */
export class AdminOpened {
  readonly #openings: readonly AdminOpening[];

  constructor(openings: readonly AdminOpening[]) {
    this.#openings = openings;
  }

  /** Whether the rule, by which packets pass from one class to another, is of such a contract between the two. */
  explains(rule: Pick<ZoningRule, 'origin'> | undefined, from: string | undefined, to: string | undefined): boolean {
    if (rule === undefined || from === undefined || to === undefined) return false;
    const isOne = (side: string, dn: string): boolean => side === 'any' || side === dn;
    return this.#openings.some(
      ({ contract, source, destination }) =>
        contract === rule.origin &&
        ((isOne(source, from) && isOne(destination, to)) || (isOne(source, to) && isOne(destination, from))),
    );
  }
}
