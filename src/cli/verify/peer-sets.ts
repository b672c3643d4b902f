import type { Spot } from './spots.js';

/**
 * Whom the peers of a rule hold: what is so of most pods and of most places outside, and the spots of which the opposite
 * holds. Of one who is no exception everything is known without looking.
 */
export interface PeerSet {
  readonly id: number;
  readonly usually: { readonly pods: boolean; readonly outside: boolean };
  readonly exceptions: ReadonlySet<number>;
  /** Spots with a rule that has these peers. */
  readonly users: Set<number>;
}

/** Peers of a rule, as a question to the specification. */
export interface PeerQuestion {
  /** Equal peers have equal keys. */
  readonly key: string;
  /** Where nobody outside one namespace can be meant. */
  readonly namespace: string | undefined;
  holds(spot: Spot): boolean;
}

/** Whether the peers hold the spot. */
export const holdsSpot = ({ usually, exceptions }: PeerSet, { index, isPod }: Spot): boolean =>
  (isPod ? usually.pods : usually.outside) !== exceptions.has(index);

/** The peers of all rules over the spots of one family; equal peers are asked for once. */
export class PeerSets {
  readonly #spots: readonly Spot[];
  readonly #byNamespace = new Map<string, Spot[]>();
  readonly #sets = new Map<string, PeerSet>();
  readonly #excepting = new Map<number, PeerSet[]>();
  readonly #counts: { readonly pods: number; readonly outside: number };

  constructor(spots: readonly Spot[]) {
    this.#spots = spots;
    const pods = spots.filter(({ isPod }) => isPod);
    this.#counts = { pods: pods.length, outside: spots.length - pods.length };
    for (const spot of pods) {
      const namespace = spot.place.endpoint.namespace ?? '';
      const own = this.#byNamespace.get(namespace);
      if (own === undefined) this.#byNamespace.set(namespace, [spot]);
      else own.push(spot);
    }
  }

  /** The set of the peers. */
  of(question: PeerQuestion): PeerSet {
    const known = this.#sets.get(question.key);
    if (known !== undefined) return known;
    const { namespace } = question;
    const candidates = namespace === undefined ? this.#spots : (this.#byNamespace.get(namespace) ?? []);
    const held = candidates.filter((spot) => question.holds(spot));
    const set = this.#setOf(held);
    this.#sets.set(question.key, set);
    for (const index of set.exceptions) {
      const sets = this.#excepting.get(index);
      if (sets === undefined) this.#excepting.set(index, [set]);
      else sets.push(set);
    }
    return set;
  }

  /** Sets of which the spot is an exception. */
  excepting(spot: Spot): readonly PeerSet[] {
    return this.#excepting.get(spot.index) ?? [];
  }

  #setOf(held: readonly Spot[]): PeerSet {
    const pods = held.filter(({ isPod }) => isPod).length;
    const usually = { pods: pods * 2 > this.#counts.pods, outside: (held.length - pods) * 2 > this.#counts.outside };
    const exceptions = new Set<number>();
    for (const { index, isPod } of held) if (!(isPod ? usually.pods : usually.outside)) exceptions.add(index);
    if (usually.pods || usually.outside) {
      const holding = new Set(held.map(({ index }) => index));
      for (const { index, isPod } of this.#spots) {
        if ((isPod ? usually.pods : usually.outside) && !holding.has(index)) exceptions.add(index);
      }
    }
    return { id: this.#sets.size, usually, exceptions, users: new Set() };
  }
}
