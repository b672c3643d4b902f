/** Hands out the lowest free number from `first` on, and takes numbers back. */
export class IdPool {
  readonly #first: number;
  readonly #free: number[] = [];
  #next: number;

  constructor(first: number) {
    this.#first = first;
    this.#next = first;
  }

  take(): number {
    const returned = this.#free.pop();
    if (returned !== undefined) return returned;
    this.#next += 1;
    return this.#next - 1;
  }

  giveBack(id: number): void {
    if (id >= this.#first && id < this.#next) this.#free.push(id);
  }
}
