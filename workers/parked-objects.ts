import { messageOf } from '#errors';
import type { Change } from '#fabric';
import { isWithin } from '#model/aci';
import type { Finding } from '#model/policy';

/** Objects that the APIC refused, with the content that it refused: they are left alone until that is another. */
export class ParkedObjects {
  readonly #parked = new Map<string, { readonly content: string; readonly finding: Finding }>();
  readonly #wantedOf: (dn: string) => string;

  /** @param wantedOf everything that is wanted of an object and what is below it, as text. */
  constructor(wantedOf: (dn: string) => string) {
    this.#wantedOf = wantedOf;
  }

  get isEmpty(): boolean {
    return this.#parked.size === 0;
  }

  get dns(): readonly string[] {
    return [...this.#parked.keys()];
  }

  get findings(): readonly Finding[] {
    return [...this.#parked.values()].map(({ finding }) => finding);
  }

  /** Sets an object aside, with what the APIC said. */
  park(dn: string, error: unknown): void {
    const finding: Finding = {
      code: 'APIC_REJECTED',
      severity: 'error',
      object: `ACI/${dn}`,
      message: `${messageOf(error)}; parked, and tried again now and then and when what is wanted of it changes`,
    };
    this.#parked.set(dn, { content: this.#wantedOf(dn), finding });
  }

  /** Whether the object of the change, or one that it is below, was refused. */
  readonly holds = (change: Change): boolean => {
    for (const dn of this.#parked.keys()) if (isWithin(change.object.dn, dn)) return true;
    return false;
  };

  /** Forgets objects of which something else is wanted now: they are tried again. */
  forgetChanged(): void {
    for (const [dn, { content }] of this.#parked) if (content !== this.#wantedOf(dn)) this.#parked.delete(dn);
  }

  clear(): void {
    this.#parked.clear();
  }
}
