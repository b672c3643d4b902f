/** The simulator's clock: a base clock that a test may put forward. Time never goes back. */
export class MockClock {
  readonly #base: () => number;
  #ahead = 0;

  constructor(base: () => number) {
    this.#base = base;
  }

  /** Milliseconds since 1970. */
  readonly now = (): number => this.#base() + this.#ahead;

  /** Puts the clock forward. Throws for a negative or endless time. */
  advance(milliseconds: number): void {
    if (!Number.isFinite(milliseconds) || milliseconds < 0) {
      throw new RangeError(`clock: expected milliseconds from 0 on, found ${milliseconds}`);
    }
    this.#ahead += milliseconds;
  }
}
