import { CLIENT_PORT } from '#fabric';
import type { FindingCode } from '#model/policy';
import type { ProtocolName } from './critical-ports.js';
import type { Place, PlaceAddress } from './places.js';

/** A flow on which policies and fabric do not agree, and nothing explains why. */
export interface CounterExample {
  readonly source: Place;
  readonly sourceAddress: PlaceAddress;
  readonly destination: Place;
  readonly destinationAddress: PlaceAddress;
  readonly protocol: ProtocolName;
  readonly port: number;
  readonly sourcePort: number;
  /** `denied`: policies allow it, the fabric does not. `opened`: the other way round. `reply`: an answer is dropped. */
  readonly kind: 'denied' | 'opened' | 'reply';
}

/** What the check of some points found. */
export interface Tally {
  /** Flows on which both sides were compared, or that are equal to such in everything that the verdicts read. */
  readonly points: number;
  /** Points where the fabric opens more than policies allow, by the finding that explains it. */
  readonly excesses: ReadonlyMap<FindingCode, number>;
  /** Points that nothing explains, and one of them. */
  readonly differences: number;
  readonly counterExample: CounterExample | undefined;
}

/** Sums up what checks find. */
export class Total implements Tally {
  readonly #excesses = new Map<FindingCode, number>();
  #points = 0;
  #differences = 0;
  #counterExample: CounterExample | undefined;

  get points(): number {
    return this.#points;
  }

  get excesses(): ReadonlyMap<FindingCode, number> {
    return this.#excesses;
  }

  get differences(): number {
    return this.#differences;
  }

  get counterExample(): CounterExample | undefined {
    return this.#counterExample;
  }

  /** A point on which both agree. */
  agrees(): void {
    this.#points += 1;
  }

  /** A point where the fabric opens more, for a known reason. */
  exceeds(code: FindingCode): void {
    this.#points += 1;
    this.#excesses.set(code, (this.#excesses.get(code) ?? 0) + 1);
  }

  /** A point that nothing explains. */
  differs(found: CounterExample): void {
    this.#points += 1;
    this.#differences += 1;
    this.#note(found);
  }

  /** What was found once holds so many times. */
  add({ points, excesses, differences, counterExample }: Tally, times: number): void {
    this.#points += points * times;
    this.#differences += differences * times;
    for (const [code, count] of excesses) this.#excesses.set(code, (this.#excesses.get(code) ?? 0) + count * times);
    if (counterExample !== undefined) this.#note(counterExample);
  }

  /** A flow from an ordinary port is easier to believe, and to try, than one from the port of a service. */
  #note(found: CounterExample): void {
    const known = this.#counterExample;
    const plainer = found.sourcePort === CLIENT_PORT && known?.sourcePort !== CLIENT_PORT;
    if (known === undefined || plainer) this.#counterExample = found;
  }
}
