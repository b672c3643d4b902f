import { ApicError } from '../apic-error.js';

/** Done, still to be done, or ended by an error. */
type RequestState = 'in progress' | 'done' | ApicError;

/** Requests whose ids are remembered; older ones count as done. */
const REMEMBERED = 1000;

/** How much later than its 202 a write is done when a test says nothing else. */
const DEFAULT_DELAY_MILLISECONDS = 200;

/**
 * Writes that are answered with 202 and done later, as an APIC does with long work (apic-protocol.md §3.3), and what
 * became of them: what `/api/checkRequestState` tells. That it answers 202 again until the work is done, and afterwards
 * as the request itself would have been answered, is a guess.
 */
export class AcceptedWrites {
  delayMilliseconds = DEFAULT_DELAY_MILLISECONDS;
  readonly #states = new Map<string, RequestState>();
  #left = 0;
  #lastId = 0;

  /** Accepts so many of the next writes. */
  order(writes: number): void {
    this.#left += writes;
  }

  /** Accepts no more; what was accepted is still done. */
  clear(): void {
    this.#left = 0;
    this.delayMilliseconds = DEFAULT_DELAY_MILLISECONDS;
  }

  /** Whether the next write is one of those ordered. */
  get isOrdered(): boolean {
    return this.#left > 0;
  }

  /** Takes one write on, and gives the answer to throw: code 202, with the URL to ask at. */
  accept(work: () => void): ApicError {
    this.#left -= 1;
    this.#lastId += 1;
    const id = String(this.#lastId);
    this.#states.set(id, 'in progress');
    this.#states.delete(String(this.#lastId - REMEMBERED));
    setTimeout(() => this.#states.set(id, outcome(work)), this.delayMilliseconds).unref();
    return inProgress(id);
  }

  /** Throws the 202 of what is not done, and the error of what was refused. */
  check(id: string): void {
    const state = this.#states.get(id) ?? 'done';
    if (state === 'in progress') throw inProgress(id);
    if (state !== 'done') throw state;
  }
}

function outcome(work: () => void): RequestState {
  try {
    work();
    return 'done';
  } catch (error) {
    if (error instanceof ApicError) return error;
    throw error;
  }
}

const inProgress = (id: string): ApicError =>
  new ApicError(202, 202, `Request in progress, please check state using URL: /api/checkRequestState.xml?id=${id}`);
