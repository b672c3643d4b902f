import type { GroupName } from '#model/policy';

/** Numbers that may be given to groups, VLANs or VNIs, both ends included. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
}

/** How a pool gives its numbers. */
export interface NumberPoolOptions {
  /** Undefined: nothing is given, and what a group had stays its own. */
  readonly range: NumberRange | undefined;
  /** For how long a number rests after its group, in the unit of the times that are given. */
  readonly restFor: number;
  /** Numbers that are given last: they mean something else in places. */
  readonly avoided?: ReadonlySet<number>;
}

/**
 * Gives each group a number of its own and keeps it (policy.md §3.9). A number whose group is gone rests before another group
 * gets it: hosts and leaves that are behind must not take one group for the other. Until then it is what the group gets back.
 */
export class NumberPool {
  readonly #range: NumberRange | undefined;
  readonly #restFor: number;
  readonly #avoided: ReadonlySet<number>;
  readonly #numbers = new Map<GroupName, number>();
  /** Numbers that some group has, or had. */
  readonly #used = new Set<number>();
  /** Groups that are not in use, and since when; those gone longest come first. Undefined: from the next time that is told. */
  readonly #resting = new Map<GroupName, number | undefined>();
  /** Groups in use that have no number. */
  readonly #without = new Set<GroupName>();
  #highest: number;

  constructor({ range, restFor, avoided = NONE }: NumberPoolOptions) {
    this.#range = range;
    this.#restFor = restFor;
    this.#avoided = avoided;
    this.#highest = (range?.from ?? 0) - 1;
  }

  /** Takes in a number that a group had, which nobody uses now; ignores one outside the range, or that another group has. */
  adopt(name: GroupName, number: number | undefined, since: number | undefined): void {
    if (number === undefined) return;
    const { from, to } = this.#range ?? { from: number, to: number };
    this.#highest = Math.max(this.#highest, Math.min(number, to));
    if (number < from || number > to || this.#used.has(number)) return;
    this.#numbers.set(name, number);
    this.#used.add(number);
    this.#resting.set(name, since);
  }

  /** The number that the group has, or had when it was last in use. */
  of(name: GroupName): number | undefined {
    return this.#numbers.get(name);
  }

  /** The group is in use: it keeps its number, or waits for one. */
  want(name: GroupName): void {
    this.#resting.delete(name);
    if (!this.#numbers.has(name)) this.#without.add(name);
  }

  /** The group is not in use any more. */
  rest(name: GroupName, now: number): void {
    this.#without.delete(name);
    if (this.#numbers.has(name)) this.#resting.set(name, now);
  }

  /** Forgets a group that is not in use: its number is free. */
  forget(name: GroupName): void {
    const number = this.#numbers.get(name);
    if (number === undefined || !this.#resting.delete(name)) return;
    this.#numbers.delete(name);
    this.#used.delete(number);
  }

  /** Gives numbers to groups that wait for one, as long as there are any, in the order of their names. Gives those that got one. */
  serve(now: number): readonly GroupName[] {
    if (this.#range === undefined) return [];
    for (const [name, since] of this.#resting) if (since === undefined) this.#resting.set(name, now);
    const given: GroupName[] = [];
    for (const name of this.without()) {
      const number = this.#free(this.#range) ?? this.#rested(now);
      if (number === undefined) break;
      this.#numbers.set(name, number);
      this.#used.add(number);
      this.#highest = number;
      this.#without.delete(name);
      given.push(name);
    }
    return given;
  }

  /** Groups in use for which there is no number, sorted. */
  without(): readonly GroupName[] {
    return this.#range === undefined ? [] : [...this.#without].sort();
  }

  /** When a group that waits can have a number that rests now; undefined when none waits, or none rests. */
  get nextRested(): number | undefined {
    const [first] = this.#resting;
    return this.without().length === 0 || first?.[1] === undefined ? undefined : first[1] + this.#restFor;
  }

  /** The next number above the highest, so that a freed one is not given again soon; then from below. */
  #free({ from, to }: NumberRange): number | undefined {
    const size = to - from + 1;
    if (this.#used.size >= size) return undefined;
    for (const avoided of this.#avoided.size === 0 ? [NONE] : [this.#avoided, NONE]) {
      for (let step = 1; step <= size; step += 1) {
        const number = from + ((this.#highest - from + step) % size);
        if (!this.#used.has(number) && !avoided.has(number)) return number;
      }
    }
    return undefined;
  }

  /** Takes the number of the group that is gone longest, if that is long enough. */
  #rested(now: number): number | undefined {
    const [first] = this.#resting;
    if (first?.[1] === undefined || now - first[1] < this.#restFor) return undefined;
    const number = this.of(first[0]);
    this.forget(first[0]);
    return number;
  }
}

const NONE: ReadonlySet<number> = new Set();
