import type { Clock, Logger, WorkClass, WorkContents, WorkFailure, WorkQueue, WorkState } from '#ports';
import { abortable, backoffMs, withSignals } from '#runtime';
import { Lanes } from './lanes.js';
import { failureOf } from './work-failure.js';

/** One piece of work to be done by whoever can. */
export interface DelegatedItem {
  readonly key: string;
  /** What the worker reads. */
  readonly content: string;
  /** Items of one lane can be about the same thing: a new one is put only when no abandoned one can still be at work. */
  readonly lane: string;
  readonly priority?: WorkClass;
  /** Asked right before the content is put for the first time, after all that it waited for; what it throws is the failure. */
  readonly mayBegin?: () => void;
}

/** What became of an item. A failure is final: its caller decides on what follows. */
export type DelegatedOutcome = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly failure: WorkFailure };

/** What {@link DelegatedWork} needs. */
export interface DelegatedWorkParts {
  readonly contents: WorkContents;
  readonly queue: Pick<WorkQueue, 'add'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Milliseconds without any news of an item after which it is given up. */
  readonly patienceMs: number;
  /** Failed tries of workers after which an item is given up. */
  readonly tries: number;
  /** Asked before this caller takes over from another; throws when it must not. */
  readonly mayTakeOver?: () => void;
  /** Told of keys that a person wants to see tried again. */
  readonly onWish: (keys: readonly string[]) => void;
}

interface Pending {
  readonly item: DelegatedItem;
  readonly revision: number;
  readonly settle: (outcome: DelegatedOutcome) => void;
  /** How far it is: whether the store may have the content, has it, and whether the queue has the key. */
  isTried: boolean;
  isPut: boolean;
  isQueued: boolean;
  /** When there was news of it. */
  newsAt: number;
  addedAt: number;
  tries: number;
  lastFailure: WorkFailure | undefined;
  /** How often in a row the store had lost it when it was asked, and when it is put again. */
  losses: number;
  putAt: number;
}

/** Milliseconds between two looks while something is under way; a message makes it sooner. */
const LOOK_MS = 500;
const IDLE_LOOK_MS = 5_000;
/** Milliseconds after which the key of an item is added again: a Redis that was restored may have lost it. */
const ADD_AGAIN_MS = 10_000;
/** Milliseconds between two puts, at most, of what a store loses each time: one that is full, or that somebody empties all the time. */
const MOST_BETWEEN_PUTS_MS = 10_000;

/**
 * The caller's side of delegated work. It knows the truth and trusts no store: contents that vanish are put again, keys of
 * which nothing is heard are added again, and what nobody does in time is taken back. The next item of a lane waits until no
 * worker can be at one that was taken back, so that an old content never comes after a newer one.
 */
export class DelegatedWork {
  readonly #parts: DelegatedWorkParts;
  readonly #pending = new Map<string, Pending>();
  readonly #lanes: Lanes;
  #nap = new AbortController();
  /** From when on contents may be put; undefined until this caller has taken over. */
  #openAt: number | undefined;
  #revision = 0;
  #trouble: string | undefined;

  constructor(parts: DelegatedWorkParts) {
    this.#parts = parts;
    this.#lanes = new Lanes(parts.contents, parts.clock);
  }

  /** What keeps it from working, in words; undefined when nothing does. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Takes over from any caller before, and serves until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { contents } = this.#parts;
    while (!signal.aborted) {
      this.#nap = new AbortController();
      await this.#attempt(() => this.#look());
      const isBusy = this.#pending.size > 0 || this.#lanes.isWaiting;
      const waitMs = isBusy || this.#openAt === undefined ? LOOK_MS : IDLE_LOOK_MS;
      await withSignals([signal, this.#nap.signal], (wake) => contents.changed(waitMs, wake));
    }
    for (const key of this.#pending.keys()) this.#giveUp(key, STOPPING);
    if (this.#lanes.isWaiting) await this.#attempt(() => this.#lanes.withdraw());
  }

  /** Has the items done, and gives what became of each by its key. Rejects only when aborted; what is under way is taken back. */
  async do(items: readonly DelegatedItem[], signal: AbortSignal): Promise<ReadonlyMap<string, DelegatedOutcome>> {
    return new Map(await Promise.all(items.map(async (item) => [item.key, await this.#doOne(item, signal)] as const)));
  }

  async #doOne(item: DelegatedItem, signal: AbortSignal): Promise<DelegatedOutcome> {
    // Two items of one key are two opinions of one caller: the newer counts.
    this.#giveUp(item.key, replaced(item.key));
    const { clock } = this.#parts;
    // By the clock that people set: a gateway that starts anew must not give out revisions that are older than those of before.
    this.#revision = Math.max(this.#revision + 1, clock.now());
    const now = clock.uptime();
    const revision = this.#revision;
    const outcome = new Promise<DelegatedOutcome>((settle) => {
      const fresh = {
        isTried: false,
        isPut: false,
        isQueued: false,
        newsAt: now,
        addedAt: now,
        tries: 0,
        lastFailure: undefined,
        losses: 0,
        putAt: now,
      };
      this.#pending.set(item.key, { item, revision, settle, ...fresh });
    });
    this.#nap.abort();
    try {
      return await abortable(outcome, signal);
    } catch (error) {
      if (this.#pending.get(item.key)?.revision === revision) this.#giveUp(item.key, failureOf(error));
      throw error;
    }
  }

  /** Brings store and queue up to what is wanted, and hears what became of it. */
  async #look(): Promise<void> {
    const { contents, onWish } = this.#parts;
    this.#loseHope();
    this.#openAt ??= await this.#takeOver();
    await this.#lanes.withdraw();
    await Promise.all([...this.#pending.values()].map((pending) => this.#supply(pending)));
    const given = [...this.#pending.values()].filter(({ isPut }) => isPut);
    const states = await contents.states(new Map(given.map(({ item, revision }) => [item.key, revision])));
    for (const pending of given) {
      const state = states.get(pending.item.key);
      if (this.#pending.get(pending.item.key) === pending && state !== undefined) this.#hear(pending, state);
    }
    const wishes = await contents.wishes();
    if (wishes.length > 0) onWish(wishes);
  }

  /** Gives the time from which on no worker can be at what the caller before wanted. */
  async #takeOver(): Promise<number> {
    const { contents, clock, log, mayTakeOver } = this.#parts;
    mayTakeOver?.();
    const leftMs = await contents.takeOver();
    if (leftMs > 0) log.info({ leftMs }, 'waiting for workers that may still be at the work of the gateway before');
    return clock.uptime() + leftMs;
  }

  /** Gives up what nothing was heard of for too long. */
  #loseHope(): void {
    const { clock, patienceMs } = this.#parts;
    for (const { item, newsAt, lastFailure } of this.#pending.values()) {
      if (clock.uptime() - newsAt <= patienceMs) continue;
      this.#giveUp(item.key, lastFailure ?? nobody(item.key, patienceMs, this.#trouble));
    }
  }

  /** Puts what is not there, and adds what was not added or has not been heard of for long. */
  async #supply(pending: Pending): Promise<void> {
    const { contents, queue, clock } = this.#parts;
    const { item, revision } = pending;
    const now = clock.uptime();
    if (now < Math.max(this.#openAt ?? Infinity, pending.putAt) || this.#lanes.isClosed(item.lane)) return;
    try {
      if (!pending.isTried) item.mayBegin?.();
      pending.isTried = true;
      if (!pending.isPut) await contents.put(item.key, item.content, revision);
      pending.isPut = true;
      const isForgotten = pending.lastFailure === undefined && now - pending.addedAt > ADD_AGAIN_MS;
      if (pending.isQueued && !isForgotten) return;
      await queue.add(item.key, { priority: item.priority });
      Object.assign(pending, { isQueued: true, addedAt: now });
    } catch (error) {
      const failure = failureOf(error);
      if (failure.disposition === 'retry') throw error;
      this.#giveUp(item.key, failure);
    }
  }

  #hear(pending: Pending, state: WorkState): void {
    const { clock, tries } = this.#parts;
    const { key } = pending.item;
    if (state.kind === 'lost') return this.#lost(pending);
    pending.losses = 0;
    if (state.kind === 'pending') return;
    if (state.kind === 'failing') {
      if (state.tries === pending.tries) return;
      Object.assign(pending, { tries: state.tries, lastFailure: state.failure, newsAt: clock.uptime() });
      if (state.tries >= tries) this.#giveUp(key, state.failure);
      return;
    }
    this.#pending.delete(key);
    pending.settle(state);
    this.#lanes.forget(key, pending.revision);
  }

  /** Puts again what the store has lost: the first time at once, as after a flush, then ever more rarely as long as it keeps nothing. */
  #lost(pending: Pending): void {
    const { log, clock } = this.#parts;
    const { item, losses } = pending;
    const waitMs = losses === 0 ? 0 : backoffMs(losses - 1, LATEST, LOOK_MS, MOST_BETWEEN_PUTS_MS);
    const fields = { key: item.key, waitMs };
    log[losses === 0 ? 'warn' : 'debug'](fields, 'work was lost with the store that held it, and is given out again');
    Object.assign(pending, { isPut: false, isQueued: false, losses: losses + 1, putAt: clock.uptime() + waitMs });
    if (waitMs === 0) this.#nap.abort();
  }

  /** Takes an item back. Its lane stays closed until no worker can be at it. */
  #giveUp(key: string, failure: WorkFailure): void {
    const pending = this.#pending.get(key);
    if (pending === undefined) return;
    this.#pending.delete(key);
    // Also what was put without an answer: it may have reached the store, or reach it yet.
    if (pending.isTried) this.#lanes.abandon(pending.item, pending.revision);
    pending.settle({ kind: 'failed', failure });
    this.#nap.abort();
  }

  /** Whether it went well; a failure is kept as the trouble of now, and said once. */
  async #attempt(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      this.#trouble = undefined;
      return true;
    } catch (error) {
      const { message } = failureOf(error);
      if (this.#trouble === undefined) this.#parts.log.warn({ error }, 'delegated work has to wait');
      this.#trouble = message;
      await this.#parts.clock.sleep(LOOK_MS);
      return false;
    }
  }
}

/** One caller has nobody to stay out of step with: it waits for the whole time each time. */
const LATEST = (): number => 1;

const STOPPING: WorkFailure = { code: 'STOPPING', message: 'the gateway is stopping', disposition: 'retry' };

const replaced = (key: string): WorkFailure => ({
  code: 'WORK_REPLACED',
  message: `work ${key}: something newer is wanted`,
  disposition: 'reread',
});

function nobody(key: string, patienceMs: number, trouble: string | undefined): WorkFailure {
  const why = trouble === undefined ? '; is `acigw worker` running, with the same queue.redis?' : `: ${trouble}`;
  const message = `work ${key}: nobody did it within ${Math.round(patienceMs / 1000)} s${why}`;
  return { code: 'WORK_NOT_DONE', message, disposition: 'retry' };
}
