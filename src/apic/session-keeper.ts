import { messageOf } from '#errors';
import type { Clock, Logger } from '#ports';
import { abortable, backoffMs } from '#runtime';
import type { Authentication } from './authentication.js';
import { ApicLoginRefusedError, ApicSessionError, ApicUnreachableError } from './errors.js';
import type { ApicHttp } from './http.js';
import { ApicSession } from './session.js';

/** What {@link SessionKeeper} needs. */
export interface SessionKeeperOptions {
  readonly http: ApicHttp;
  readonly urls: readonly string[];
  readonly authentication: Authentication;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

const LOGOUT_MS = 2000;
const RETRY_BASE_MS = 500;
const RETRY_MAX_MS = 10_000;

/**
 * Keeps one session alive: one login at a time however many ask for it, a refresh at half the token's life, a new
 * session before the old one's lifetime ends, another APIC when one is down.
 */
export class SessionKeeper {
  readonly #options: SessionKeeperOptions;
  readonly #closing = new AbortController();
  readonly #upkeeps = new Map<ApicSession, Promise<void>>();
  readonly #refreshes = new WeakMap<ApicSession, Promise<void>>();
  #first = 0;
  #current: ApicSession | undefined;
  #login: Promise<ApicSession> | undefined;
  #refusal: { readonly error: ApicLoginRefusedError; readonly until: number } | undefined;

  constructor(options: SessionKeeperOptions) {
    this.#options = options;
  }

  /** The session, logging in when there is none. Rejects with a GatewayError, or the signal's reason. */
  session(signal: AbortSignal): Promise<ApicSession> {
    const current = this.#current;
    if (current !== undefined && !current.ended.aborted) return Promise.resolve(current);
    return abortable(this.#loginOnce(), signal);
  }

  /**
   * After a 403 for a token: the session with another token. A refresh tells apart a token that is not valid any more
   * from a request that the user may not make, so that the latter does not cost the session and its subscriptions.
   */
  async renew(session: ApicSession, usedToken: string, signal: AbortSignal): Promise<ApicSession> {
    if (!session.ended.aborted && session.token === usedToken) {
      await abortable(this.#refreshOnce(session), signal).catch((error: unknown) => {
        if (!(error instanceof ApicSessionError)) throw error;
      });
    }
    return this.session(signal);
  }

  /** Gives up the session; who needs one logs in again, at the next APIC when `elsewhere` says so. */
  abandon(session: ApicSession, reason: Error, elsewhere: boolean): void {
    if (session.ended.aborted) return;
    session.end(reason);
    // The APIC may know it still: a socket that dies again and again would fill up the user's sessions with those of before.
    void this.#logOut(session);
    if (elsewhere && session.url === this.#url(0)) this.#first += 1;
  }

  /** Leaves an APIC that is down, when there is another one. */
  noticed(session: ApicSession, error: unknown): void {
    const isDown = error instanceof ApicUnreachableError && error.down;
    if (isDown && this.#options.urls.length > 1) this.abandon(session, error, true);
  }

  async close(): Promise<void> {
    const session = this.#current;
    this.#closing.abort(new Error('the APIC client is closing'));
    await this.#login?.catch(() => undefined);
    if (session !== undefined && !session.ended.aborted) {
      await this.#logOut(session);
    }
    for (const upkept of this.#upkeeps.keys()) upkept.end(new Error('the APIC client was closed'));
    await Promise.all(this.#upkeeps.values());
  }

  /** Best effort, and never for long. */
  async #logOut(session: ApicSession): Promise<void> {
    const { http, authentication } = this.#options;
    await authentication.logOut(http, session, AbortSignal.timeout(LOGOUT_MS)).catch(() => undefined);
  }

  #url(offset: number): string {
    const { urls } = this.#options;
    return urls[(this.#first + offset) % urls.length] ?? '';
  }

  #loginOnce(): Promise<ApicSession> {
    this.#login ??= this.#logIn().finally(() => {
      this.#login = undefined;
    });
    return this.#login;
  }

  async #logIn(): Promise<ApicSession> {
    const { clock } = this.#options;
    this.#closing.signal.throwIfAborted();
    // Whoever asks while a refusal is fresh gets it again: many workers must not lock the account.
    if (this.#refusal !== undefined && clock.uptime() < this.#refusal.until) throw this.#refusal.error;
    try {
      const session = await this.#logInAtFirstThatAnswers();
      this.#refusal = undefined;
      this.#current = session;
      this.#keepUp(session);
      return session;
    } catch (error) {
      if (error instanceof ApicLoginRefusedError) {
        this.#refusal = { error, until: clock.uptime() + (error.retryAfterMs ?? 0) };
      }
      throw error;
    }
  }

  async #logInAtFirstThatAnswers(): Promise<ApicSession> {
    const { http, urls, authentication, clock, log } = this.#options;
    let failure: unknown;
    for (let offset = 0; offset < urls.length; offset += 1) {
      const url = this.#url(offset);
      try {
        const grant = await authentication.logIn(http, url, this.#closing.signal);
        this.#first = (this.#first + offset) % urls.length;
        log.info({ url, user: authentication.user }, 'logged in to the APIC');
        return new ApicSession(url, grant, clock.uptime());
      } catch (error) {
        // All APICs of a fabric share their users: a refusal by one is a refusal by all.
        if (error instanceof ApicLoginRefusedError || this.#closing.signal.aborted) throw error;
        failure ??= error;
        if (urls.length > 1) log.warn({ url, error }, 'an APIC could not be used; trying the next');
      }
    }
    throw failure;
  }

  #keepUp(session: ApicSession): void {
    const upkeep = this.#upkeep(session).catch((error: unknown) => {
      if (!session.ended.aborted) session.end(error instanceof Error ? error : new Error(messageOf(error)));
    });
    this.#upkeeps.set(session, upkeep);
    void upkeep.finally(() => this.#upkeeps.delete(session));
  }

  /** Refreshes a session until its time to be replaced, replaces it, and ends it when its token dies. */
  async #upkeep(session: ApicSession): Promise<void> {
    const { clock } = this.#options;
    const wait = (until: number): Promise<void> => clock.sleep(Math.max(0, until - clock.uptime()), session.ended);
    while (clock.uptime() < session.replaceAt) {
      await wait(Math.min(session.refreshAt, session.replaceAt));
      if (clock.uptime() >= session.replaceAt) break;
      await this.#untilItWorks(session, () => this.#refreshOnce(session));
    }
    await this.#untilItWorks(session, () => this.#replace(session));
    await wait(session.expiresAt);
    session.end(new Error(`the session at ${session.url} expired`));
  }

  async #replace(session: ApicSession): Promise<void> {
    await this.#loginOnce();
    session.supersede();
  }

  /** Repeats with backoff until the step works; throws when the session is of no use or dead meanwhile. */
  async #untilItWorks(session: ApicSession, step: () => Promise<void>): Promise<void> {
    const { clock, random, log } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await step();
      } catch (error) {
        if (session.ended.aborted || error instanceof ApicSessionError || clock.uptime() >= session.expiresAt)
          throw error;
        log.warn({ url: session.url, error }, 'the session could not be prolonged yet');
        const waitMs = Math.min(
          backoffMs(attempt, random, RETRY_BASE_MS, RETRY_MAX_MS),
          Math.max(1, session.expiresAt - clock.uptime()),
        );
        await clock.sleep(waitMs, session.ended);
      }
    }
  }

  #refreshOnce(session: ApicSession): Promise<void> {
    const running = this.#refreshes.get(session);
    if (running !== undefined) return running;
    const refresh = this.#refresh(session).finally(() => this.#refreshes.delete(session));
    this.#refreshes.set(session, refresh);
    return refresh;
  }

  async #refresh(session: ApicSession): Promise<void> {
    const { http, authentication, clock, log } = this.#options;
    try {
      session.renewed(await authentication.refresh(http, session, this.#closing.signal), clock.uptime());
    } catch (error) {
      if (error instanceof ApicSessionError) {
        log.info({ url: session.url }, 'the session is not valid any more');
        session.end(error);
      }
      throw error;
    }
  }
}
