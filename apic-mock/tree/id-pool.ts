/** Hands out free numbers from `first` on, given-back ones first, and takes numbers back. */
export class IdPool {
  readonly #first: number;
  readonly #free: number[] = [];
  readonly #reserved = new Set<number>();
  #next: number;

  constructor(first: number) {
    this.#first = first;
    this.#next = first;
  }

  take(): number {
    for (let id = this.#free.pop(); id !== undefined; id = this.#free.pop()) if (!this.#reserved.has(id)) return id;
    while (this.#reserved.has(this.#next)) this.#next += 1;
    this.#next += 1;
    return this.#next - 1;
  }

  /** Marks a number that an object brought along (a restored or loaded one) as not free. */
  reserve(id: number): void {
    if (id >= this.#first) this.#reserved.add(id);
  }

  giveBack(id: number): void {
    this.#reserved.delete(id);
    if (id >= this.#first && id < this.#next) this.#free.push(id);
  }
}
