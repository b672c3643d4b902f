import { messageOf } from '#errors';
import type { FabricSink } from '#ports';
import { nextMove } from '#runtime';
import { ApicSessionError, ApicSocketError } from './errors.js';
import { Pass, type PassOptions } from './pass.js';
import type { ApicSession } from './session.js';
import type { SessionKeeper } from './session-keeper.js';

/** After an error that would park a key: what is watched does not change, but the APIC may. */
const PARKED_AGAIN_MS = 60_000;
/** A pass that lived this long was a success: the next failure starts counting anew. */
const STEADY_MS = 30_000;

/** Follows the fabric pass after pass until the signal is aborted; resolves then. */
export async function follow(keeper: SessionKeeper, options: PassOptions, signal: AbortSignal): Promise<void> {
  await new Follower(keeper, options, signal).run();
}

/** Where a listing succeeded, the APIC is well, and the waits stay at a few seconds however often the socket dies. */
const MOST_AFTER_SUCCESS = 2;

class Follower {
  readonly #keeper: SessionKeeper;
  readonly #options: PassOptions;
  readonly #signal: AbortSignal;
  /** The pass that the sink hears from. */
  #live: Pass | undefined;
  #liveSince = 0;
  /** The reason that the sink was told last, so that each is told once. */
  #told: string | undefined;
  #attempt = 0;

  constructor(keeper: SessionKeeper, options: PassOptions, signal: AbortSignal) {
    this.#keeper = keeper;
    this.#signal = signal;
    this.#options = { ...options, sink: this.#remembering(options.sink) };
  }

  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      let session: ApicSession | undefined;
      try {
        session = await this.#keeper.session(this.#signal);
        await this.#passUntilSuperseded(session);
      } catch (error) {
        if (!this.#signal.aborted) await this.#recover(session, error);
      }
    }
    this.#live?.close();
  }

  /** Resolves when a younger session took over; the pass goes on telling until the next one is ready. */
  async #passUntilSuperseded(session: ApicSession): Promise<void> {
    const pass: Pass = new Pass(this.#options, session, {
      takesOver: () => {
        this.#live?.close();
        this.#live = pass;
        this.#attempt = Math.min(this.#attempt, MOST_AFTER_SUCCESS);
        this.#liveSince = this.#options.clock.uptime();
      },
      failed: (error) => {
        if (this.#live !== pass) return;
        this.#live = undefined;
        if (this.#options.clock.uptime() - this.#liveSince > STEADY_MS) this.#attempt = 0;
        this.#lost(error);
      },
    });
    const close = (): void => pass.close();
    this.#signal.addEventListener('abort', close, { once: true });
    pass.over.addEventListener('abort', () => this.#signal.removeEventListener('abort', close), { once: true });
    if (this.#signal.aborted) close();
    await pass.start();
    await firstAborted(session.superseded, pass.over);
    if (pass.over.aborted) throw pass.over.reason;
  }

  async #recover(session: ApicSession | undefined, error: unknown): Promise<void> {
    const { clock, random, log } = this.#options;
    // An older pass may still be telling: then nothing is lost, there is only no successor yet.
    const isLost = this.#live === undefined;
    if (isLost) this.#lost(error);
    if (session !== undefined) this.#doubt(session, error);
    const move = nextMove(error, this.#attempt, random);
    const afterMs = move.kind === 'again' ? move.afterMs : PARKED_AGAIN_MS;
    this.#attempt += 1;
    const fields = { error, retryInMs: Math.round(afterMs) };
    if (isLost) log.debug(fields, 'the fabric is not being followed; everything begins anew');
    else log.warn(fields, 'the successor of a session that is about to end cannot follow the fabric yet');
    await clock.sleep(afterMs, this.#signal).catch(() => undefined);
  }

  /**
   * A lost socket may mean that the APIC has forgotten the session, and a second failure in a row that something else is
   * wrong with it: the next pass begins with a login, at another APIC if there is one.
   */
  #doubt(session: ApicSession, error: unknown): void {
    this.#keeper.noticed(session, error);
    const isToken = error instanceof ApicSessionError;
    if (!isToken && !(error instanceof ApicSocketError) && this.#attempt === 0) return;
    const reason = error instanceof Error ? error : new Error(messageOf(error));
    this.#keeper.abandon(session, reason, !isToken);
  }

  #lost(error: unknown): void {
    const reason = messageOf(error);
    if (reason === this.#told) return;
    this.#told = reason;
    this.#options.sink.lost(reason);
  }

  #remembering(sink: FabricSink): FabricSink {
    return {
      replaced: (objects, listing) => {
        this.#told = undefined;
        sink.replaced(objects, listing);
      },
      listing: () => sink.listing?.(),
      changed: (change) => sink.changed(change),
      ...(sink.knows === undefined ? {} : { knows: (dn) => sink.knows?.(dn) ?? true }),
      lost: (reason) => sink.lost(reason),
    };
  }
}

function firstAborted(...signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of signals) {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    }
  });
}
