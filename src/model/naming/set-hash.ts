import { ContentHash } from './hash.js';

/** Two 32-bit halves of a hash. */
export type Lanes = readonly [high: number, low: number];

/** The hash of a text as sets take it. */
export const lanesOf = (text: string): Lanes => new ContentHash().add(text).lanes();

/**
 * Hash of a bag of texts, in whatever order: what comes and goes costs itself, not the rest. The hashes of the texts are
 * added up in two lanes of 32 bits. Like a content hash never a security measure.
 */
export class SetHash {
  #high = 0;
  #low = 0;
  #size = 0;

  add(text: string): this {
    return this.addHashed(lanesOf(text));
  }

  /** Adds a text by its {@link lanesOf}: for texts that are in many sets. */
  addHashed(lanes: Lanes): this {
    return this.#count(lanes, 1);
  }

  /** Takes out a text that was added. */
  remove(text: string): this {
    return this.#count(lanesOf(text), -1);
  }

  digits(): string {
    return new ContentHash().add(`${this.#size} ${this.#high} ${this.#low}`).digits();
  }

  #count([high, low]: Lanes, sign: 1 | -1): this {
    this.#high = (this.#high + sign * high) | 0;
    this.#low = (this.#low + sign * low) | 0;
    this.#size += sign;
    return this;
  }
}
