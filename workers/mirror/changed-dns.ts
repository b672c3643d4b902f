/** Above this many it is cheaper to look at everything than to name what differs. */
const MOST = 20_000;

/** Remembers which objects differ from when it was last asked; at first everything does. */
export class ChangedDns {
  #dns: Set<string> | undefined;

  /** Notes that the object of this Dn came, differs or went. */
  note(dn: string): void {
    this.#dns?.add(dn);
    if (this.#dns !== undefined && this.#dns.size > MOST) this.#dns = undefined;
  }

  /** What was noted since the last call; undefined stands for everything. */
  take(): ReadonlySet<string> | undefined {
    const taken = this.#dns;
    this.#dns = new Set();
    return taken;
  }
}
