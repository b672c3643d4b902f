import type { Clock, WorkContents } from '#ports';

interface Abandoned {
  readonly key: string;
  readonly revision: number;
  /** Undefined for work that has ended: only its report is to be taken away. */
  readonly lane: string | undefined;
  /** When no worker can be at it any more; undefined as long as the store has not heard that it was taken back. */
  until: number | undefined;
}

/**
 * Work that is to be taken back, by lane. A lane is closed as long as some worker may be at such work: what comes next in it
 * would race with it.
 */
export class Lanes {
  readonly #contents: Pick<WorkContents, 'withdraw'>;
  readonly #clock: Clock;
  #abandoned: readonly Abandoned[] = [];

  constructor(contents: Pick<WorkContents, 'withdraw'>, clock: Clock) {
    this.#contents = contents;
    this.#clock = clock;
  }

  /** Whether something is still to be taken back, or to end. */
  get isWaiting(): boolean {
    return this.#abandoned.length > 0;
  }

  /** Whether some worker may still be at work of the lane that was taken back. */
  isClosed(lane: string): boolean {
    return this.#abandoned.some((work) => work.lane === lane);
  }

  /** Takes work back, and closes its lane until it can have no effect any more. */
  abandon({ key, lane }: { readonly key: string; readonly lane: string }, revision: number): void {
    this.#abandoned = [...this.#abandoned, { key, lane, revision, until: undefined }];
  }

  /** Takes away the report on work that has ended. */
  forget(key: string, revision: number): void {
    this.#abandoned = [...this.#abandoned, { key, lane: undefined, revision, until: undefined }];
  }

  /** Tells the store, and opens the lanes in which nothing is left. Rejects when the store cannot be reached. */
  async withdraw(): Promise<void> {
    await Promise.all(this.#abandoned.map((work) => this.#tell(work)));
    const now = this.#clock.uptime();
    this.#abandoned = this.#abandoned.filter(({ until }) => until === undefined || until > now);
  }

  /** Asked again until it has ended: the first answer says how long it can last at most. */
  async #tell(work: Abandoned): Promise<void> {
    const leftMs = await this.#contents.withdraw(work.key, work.revision);
    const end = this.#clock.uptime() + (work.lane === undefined ? 0 : leftMs);
    work.until = Math.min(end, work.until ?? end);
  }
}
