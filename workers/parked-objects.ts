import { messageOf } from '#errors';
import { type Change, differingDns, hasAncestorIn } from '#fabric';
import { isSameObject, type ObjectMap, parentDn } from '#model/aci';
import type { Finding } from '#model/policy';

/** Objects that the APIC refused: they are left alone until something else is wanted of them, or of what is below. */
export class ParkedObjects {
  readonly #parked = new Map<string, Finding>();
  /** What was wanted when that was looked at last. */
  #wanted: ObjectMap = new Map();

  get isEmpty(): boolean {
    return this.#parked.size === 0;
  }

  get dns(): readonly string[] {
    return [...this.#parked.keys()];
  }

  get findings(): readonly Finding[] {
    return [...this.#parked.values()];
  }

  /** Sets an object aside, with what the APIC said. */
  park(dn: string, error: unknown): void {
    const finding: Finding = {
      code: 'APIC_REJECTED',
      severity: 'error',
      object: `ACI/${dn}`,
      message: `${messageOf(error)}; parked, and tried again now and then and when what is wanted of it changes`,
    };
    this.#parked.set(dn, finding);
  }

  /** Whether the object of the change, or one that it is below, was refused. */
  readonly holds = ({ object: { dn } }: Change): boolean =>
    this.#parked.size > 0 && (this.#parked.has(dn) || hasAncestorIn(this.#parked, dn));

  /** Forgets objects of which something else is wanted now than the last time: they are tried again. Costs what differs. */
  forgetChanged(wanted: ObjectMap): void {
    const before = this.#wanted;
    this.#wanted = wanted;
    if (this.#parked.size === 0) return;
    for (const dn of differingDns(before, wanted)) {
      if (!isSameObject(before.get(dn), wanted.get(dn))) this.#forgetAt(dn);
    }
  }

  #forgetAt(dn: string): void {
    for (let at: string | undefined = dn; at !== undefined; at = parentDn(at)) this.#parked.delete(at);
  }

  clear(): void {
    this.#parked.clear();
  }
}
