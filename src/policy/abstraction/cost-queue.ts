/** Something that waits with its cost. */
interface Waiting<Item> {
  readonly cost: number;
  /** Decides between equal costs, so that the order is always the same. */
  readonly order: number;
  readonly item: Item;
}

/** Gives the cheapest item first, and of equal ones the one that was added first: a binary heap. */
export class CostQueue<Item> {
  readonly #heap: Waiting<Item>[] = [];
  #added = 0;

  add(cost: number, item: Item): void {
    this.#heap.push({ cost, order: this.#added, item });
    this.#added += 1;
    let index = this.#heap.length - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#before(index, parent)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  /** Takes the cheapest out; undefined when there is none. */
  take(): { readonly cost: number; readonly item: Item } | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return first;
    this.#heap[0] = last;
    this.#sink();
    return first;
  }

  #sink(): void {
    let index = 0;
    for (;;) {
      let smallest = index;
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < this.#heap.length && this.#before(child, smallest)) smallest = child;
      }
      if (smallest === index) return;
      this.#swap(index, smallest);
      index = smallest;
    }
  }

  #before(a: number, b: number): boolean {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (first === undefined || second === undefined) return false;
    return first.cost < second.cost || (first.cost === second.cost && first.order < second.order);
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (first === undefined || second === undefined) return;
    this.#heap[a] = second;
    this.#heap[b] = first;
  }
}
