/**
 * A 64-bit content hash as 14 base-36 digits: names derived from content, never a security measure. Two lanes of
 * 32-bit multiply-xor mixing (after murmur3's finaliser), so it is quick without BigInt.
 */
export const contentHash = (text: string): string => new ContentHash().add(text).digits();

/** {@link contentHash} of a text that is given piece by piece. */
export class ContentHash {
  #high = 0xdeadbeef;
  #low = 0x41c6ce57;

  add(text: string): this {
    let [high, low] = [this.#high, this.#low];
    for (let index = 0; index < text.length; index += 1) {
      const char = text.charCodeAt(index);
      high = Math.imul(high ^ char, 2_654_435_761);
      low = Math.imul(low ^ char, 1_597_334_677);
    }
    this.#high = high;
    this.#low = low;
    return this;
  }

  /** The two halves, as 32-bit integers. */
  lanes(): readonly [high: number, low: number] {
    const high = mix(this.#high, this.#low);
    return [high | 0, mix(this.#low, high) | 0];
  }

  digits(): string {
    const [high, low] = this.lanes();
    return `${(high >>> 0).toString(36).padStart(7, '0')}${(low >>> 0).toString(36).padStart(7, '0')}`;
  }
}

/** The first digits of {@link contentHash}: short enough for a name, for places where collisions are handled. */
export const shortHash = (text: string, digits = 6): string => contentHash(text).slice(-digits);

function mix(a: number, b: number): number {
  const first = Math.imul(a ^ (a >>> 16), 2_246_822_507);
  const second = Math.imul(b ^ (b >>> 13), 3_266_489_909);
  return first ^ second ^ (first >>> 13);
}
