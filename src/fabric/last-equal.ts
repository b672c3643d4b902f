import { type FlatObject, type ObjectMap, rootOf } from '#model/aci';
import { isLeftOut } from './diff.js';

/**
 * What was wanted of each object when the fabric was last seen to hold it, or took it from the gateway. Costs a reference to
 * the objects that were wanted last, and an entry a difference.
 */
export class LastEqual {
  #wanted: ObjectMap | undefined;
  /** What holds instead for objects that differed, or were not there, or should not be. */
  #except: ReadonlyMap<string, FlatObject | undefined> = new Map();
  readonly #wrote = new Set<string>();
  #taken: ReadonlySet<string> = new Set();

  /** Whether nothing was seen yet: what is in the fabric may be of an earlier process. */
  get isEmpty(): boolean {
    return this.#wanted === undefined;
  }

  /** What the fabric held of the object; undefined when that is not known, or it held none. */
  get(dn: string): FlatObject | undefined {
    if (this.#except.has(dn) && !this.#wrote.has(dn)) return this.#except.get(dn);
    const wanted = this.#wanted;
    const object = wanted?.get(dn);
    if (wanted === undefined || object === undefined || this.#taken.size === 0) return object;
    return isLeftOut(object, this.#taken, { desired: wanted, rootIn: (any) => rootOf(wanted, any) })
      ? undefined
      : object;
  }

  /**
   * Takes in a comparison: everything wanted is there but what differs.
   * @param differing by Dn, what was known of the object before
   * @param taken Dns of wanted objects whose name is somebody else's
   */
  seen(wanted: ObjectMap, differing: ReadonlyMap<string, FlatObject | undefined>, taken: Iterable<string>): void {
    this.#wanted = wanted;
    this.#except = differing;
    this.#wrote.clear();
    this.#taken = new Set(taken);
  }

  /** The fabric took what the last comparison wanted of the object. */
  wrote(dn: string): void {
    if (this.#except.has(dn)) this.#wrote.add(dn);
  }
}
