import { type ConnSet, EVERYTHING, formatConn, intersectConn, NOTHING, subtractConn, unionConn } from '#model/net';
import type { FamilyConnections } from '#model/policy';
import { BOTH_FAMILIES, FAMILY_BIT, type FamilyMask } from './family-mask.js';

type Operation = (a: ConnSet, b: ConnSet) => ConnSet;

/**
 * Interns connections: equal ones are the same object, so that comparing is `===`, and every union, intersection and
 * difference is computed once. A cluster has few distinct sets, however many pairs use them.
 */
export class ConnectionTable {
  readonly #sets = new Map<string, ConnSet>();
  readonly #setIds = new Map<ConnSet, number>();
  readonly #families = new Map<number, FamilyConnections>();
  readonly #ids = new Map<FamilyConnections, number>();
  readonly #unions = new Map<number, FamilyConnections>();
  readonly #intersections = new Map<number, FamilyConnections>();
  readonly #differences = new Map<number, FamilyConnections>();
  readonly nothing: FamilyConnections;
  readonly everything: FamilyConnections;

  constructor() {
    this.nothing = this.of(NOTHING, NOTHING);
    this.everything = this.of(EVERYTHING, EVERYTHING);
  }

  /** The interned connections of both families. */
  of(ipv4: ConnSet, ipv6: ConnSet): FamilyConnections {
    const [four, six] = [this.#intern(ipv4), this.#intern(ipv6)];
    const key = this.#setId(four) * PAIR + this.#setId(six);
    const known = this.#families.get(key);
    if (known !== undefined) return known;
    const fresh = { ipv4: four, ipv6: six };
    this.#families.set(key, fresh);
    this.#ids.set(fresh, this.#ids.size);
    return fresh;
  }

  /** A number that names the interned connections. */
  idOf(connections: FamilyConnections): number {
    return this.#ids.get(connections) ?? -1;
  }

  union(a: FamilyConnections, b: FamilyConnections): FamilyConnections {
    if (a === b || b === this.nothing) return a;
    return this.#combined(this.#unions, unionConn, a, b);
  }

  intersect(a: FamilyConnections, b: FamilyConnections): FamilyConnections {
    if (a === b || b === this.everything) return a;
    if (a === this.everything) return b;
    return this.#combined(this.#intersections, intersectConn, a, b);
  }

  /** What is in `a` and not in `b`. */
  subtract(a: FamilyConnections, b: FamilyConnections): FamilyConnections {
    if (b === this.nothing) return a;
    return this.#combined(this.#differences, subtractConn, a, b);
  }

  /**
   * The connections as two sides see them that have these families in common: in a family that one of them lacks there is
   * no traffic, so the other family's connections stand there too, and the pair needs no words of its own for it.
   */
  within(connections: FamilyConnections, families: FamilyMask): FamilyConnections {
    if (families === BOTH_FAMILIES) return connections;
    if (families === 0) return this.nothing;
    const only = families === FAMILY_BIT[4] ? connections.ipv4 : connections.ipv6;
    return this.of(only, only);
  }

  /** The connections in the families, and nothing in the others. */
  only(connections: FamilyConnections, families: FamilyMask): FamilyConnections {
    if (families === BOTH_FAMILIES) return connections;
    return this.of(
      (families & FAMILY_BIT[4]) === 0 ? NOTHING : connections.ipv4,
      (families & FAMILY_BIT[6]) === 0 ? NOTHING : connections.ipv6,
    );
  }

  #combined(
    known: Map<number, FamilyConnections>,
    operation: Operation,
    a: FamilyConnections,
    b: FamilyConnections,
  ): FamilyConnections {
    const key = this.idOf(a) * PAIR + this.idOf(b);
    const found = known.get(key);
    if (found !== undefined) return found;
    const result = this.of(operation(a.ipv4, b.ipv4), operation(a.ipv6, b.ipv6));
    known.set(key, result);
    return result;
  }

  #intern(set: ConnSet): ConnSet {
    if (this.#setIds.has(set)) return set;
    const text = formatConn(set);
    const known = this.#sets.get(text);
    if (known !== undefined) return known;
    this.#sets.set(text, set);
    this.#setIds.set(set, this.#setIds.size);
    return set;
  }

  #setId(set: ConnSet): number {
    return this.#setIds.get(set) ?? -1;
  }
}

/** More than there will ever be ids: a pair of ids is one whole number below 2^53. */
const PAIR = 2 ** 26;
