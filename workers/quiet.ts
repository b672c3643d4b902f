/**
 * Says when it is time for something that takes long and has to be done anew whenever a value changes: when the value has
 * not changed since it was asked last, or when the last time was long ago.
 */
export class Quiet<Value> {
  readonly #busyMs: number;
  #value: Value | undefined;
  #doneAt = Number.NEGATIVE_INFINITY;

  /** @param busyMs milliseconds after which it is time although the value keeps changing. */
  constructor(busyMs: number) {
    this.#busyMs = busyMs;
  }

  /** Whether it is time now; `now` is in milliseconds. */
  isTime(value: Value, now: number): boolean {
    const isQuiet = this.#value === value;
    this.#value = value;
    if (!isQuiet && now - this.#doneAt < this.#busyMs) return false;
    this.#doneAt = now;
    return true;
  }
}
