import { ApicError } from '../apic-error.js';

/** How long one query may filter. A real APIC gives its shards 90 seconds; here one query holds up all others. */
const LIMIT_MILLISECONDS = 5000;

/** How many objects pass between two looks at the clock. */
const STRIDE = 32;

/** Ends a query whose filter takes too long with the APIC's words for a shard that does not answer (503, §2.3). */
export class TimeLimit {
  readonly #endsAt = performance.now() + LIMIT_MILLISECONDS;
  #seen = 0;

  /** Called for each object. Throws 503 when the time is over. */
  check(): void {
    this.#seen += 1;
    if (this.#seen % STRIDE !== 0 || performance.now() < this.#endsAt) return;
    throw new ApicError(
      503,
      503,
      'Unable to deliver the message, Resolve timeout from (type/num/svc/shard) = apic:1:7:1',
    );
  }
}
