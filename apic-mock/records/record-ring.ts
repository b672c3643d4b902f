import type { StoredRecord } from '../tree/index.js';

/** The latest records of one class, by their running number. */
export class RecordRing {
  readonly #size: number;
  readonly #first: number;
  readonly #records: StoredRecord[] = [];
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

  /** Keeps a record, in the place of the oldest when there is no room. */
  push(record: StoredRecord): void {
    this.#records[(this.#next - this.#first) % this.#size] = record;
    this.#next += 1;
  }

  /** The record of a number that is not too old. */
  get(id: number): StoredRecord | undefined {
    const isKept = id >= this.#first && id < this.#next && id >= this.#next - this.#size;
    return isKept ? this.#records[(id - this.#first) % this.#size] : undefined;
  }

  /** All that are kept, the oldest first. */
  all(): readonly StoredRecord[] {
    const split = (this.#next - this.#first) % this.#size;
    if (this.#records.length < this.#size) return this.#records;
    return [...this.#records.slice(split), ...this.#records.slice(0, split)];
  }
}
