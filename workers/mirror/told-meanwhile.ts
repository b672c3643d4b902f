import { hasAncestorIn } from '#fabric';
import type { FabricChange } from '#ports';

/** Of which objects events told while something was on its way. Answers and events come over different connections, in any order. */
export class ToldMeanwhile {
  readonly #dns = new Set<string>();
  readonly #deleted = new Set<string>();
  /** Ends it: nothing is noted any more. */
  readonly end: () => void;

  constructor(end: () => void) {
    this.end = end;
  }

  note({ kind, dn }: Pick<FabricChange, 'kind' | 'dn'>): void {
    this.#dns.add(dn);
    if (kind === 'deleted') this.#deleted.add(dn);
  }

  /** Whether something was told of the object, or one above was said to be gone. */
  has(dn: string): boolean {
    return this.#dns.has(dn) || (this.#deleted.size > 0 && hasAncestorIn(this.#deleted, dn));
  }
}
