import type { Change, OwnDoing } from '#fabric';
import { type FlatObject, parentDn } from '#model/aci';

/** For how long an event of the gateway's own writes may come late, in milliseconds. */
const LATE_MS = 60_000;

/** What was written at a time; no object for one that was deleted. */
interface Write {
  readonly at: number;
  readonly dn: string;
  readonly object: FlatObject | undefined;
}

/** What the gateway wrote, or was about to write, within the last minute. Holds references to the objects, no copies. */
export class OwnWrites implements OwnDoing {
  /** In the order of their times. */
  #writes: Write[] = [];
  readonly #byDn = new Map<string, Write[]>();

  /** Notes a change that is about to be made: the APIC may take it and its answer be lost. */
  note({ kind, object }: Change, now: number): void {
    const write = { at: now, dn: object.dn, object: kind === 'delete' ? undefined : object };
    this.#writes.push(write);
    const known = this.#byDn.get(object.dn);
    if (known === undefined) this.#byDn.set(object.dn, [write]);
    else known.push(write);
  }

  /** Forgets what cannot come late any more. */
  forget(now: number): void {
    const fresh = this.#writes.findIndex(({ at }) => at > now - LATE_MS);
    const late = fresh === -1 ? this.#writes.length : fresh;
    if (late === 0) return;
    for (const { dn } of this.#writes.slice(0, late)) {
      const writes = this.#byDn.get(dn);
      writes?.shift();
      if (writes?.length === 0) this.#byDn.delete(dn);
    }
    this.#writes = this.#writes.slice(late);
  }

  gave(dn: string, field: string, value: string): boolean {
    return this.#byDn.get(dn)?.some(({ object }) => object?.attributes[field] === value) === true;
  }

  made(dn: string): boolean {
    return this.#byDn.get(dn)?.some(({ object }) => object !== undefined) === true;
  }

  deleted(dn: string): boolean {
    for (let current: string | undefined = dn; current !== undefined; current = parentDn(current)) {
      if (this.#byDn.get(current)?.some(({ object }) => object === undefined) === true) return true;
    }
    return false;
  }
}
