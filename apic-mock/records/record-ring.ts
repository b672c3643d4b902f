import type { StoredObject } from '../tree/index.js';

/** The latest records of one class, by their running number. */
export class RecordRing {
  readonly #size: number;
  readonly #first: number;
  readonly #records: StoredObject[] = [];
  #next: number;

  constructor(first: number, size: number) {
    this.#first = first;
    this.#size = size;
    this.#next = first;
  }

  /** Number of the record that comes next. */
  get nextId(): number {
    return this.#next;
  }

  /** Keeps a record; gives the oldest one back when it takes its place. */
  push(record: StoredObject): StoredObject | undefined {
    const index = (this.#next - this.#first) % this.#size;
    const oldest = this.#records[index];
    this.#records[index] = record;
    this.#next += 1;
    return oldest;
  }

  /** The record of a number that is not too old. */
  get(id: number): StoredObject | undefined {
    const isKept = id >= this.#first && id < this.#next && id >= this.#next - this.#size;
    return isKept ? this.#records[(id - this.#first) % this.#size] : undefined;
  }

  /** All that are kept, the oldest first. */
  all(): readonly StoredObject[] {
    const split = (this.#next - this.#first) % this.#size;
    if (this.#records.length < this.#size) return this.#records;
    return [...this.#records.slice(split), ...this.#records.slice(0, split)];
  }
}
