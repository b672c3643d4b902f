/** What a login or a refresh grants (apic-protocol.md §1.1). Times in milliseconds. */
export interface SessionGrant {
  readonly token: string;
  /** The token dies this long after it was given, unless refreshed. */
  readonly refreshTimeoutMs: number;
  /** The session dies this long after the login, refreshed or not. */
  readonly lifetimeMs: number;
}

/** Share of the lifetime after which a session is replaced, while subscriptions still have time to move over. */
const REPLACE_AT = 0.9;

/**
 * One login at one APIC. The token changes with each refresh; subscriptions and socket belong to the session. Its times are those
 * of a clock that nobody sets.
 */
export class ApicSession {
  readonly url: string;
  readonly #loggedInAt: number;
  readonly #lifetimeMs: number;
  readonly #ended = new AbortController();
  readonly #superseded = new AbortController();
  #grant: SessionGrant;
  #grantedAt: number;

  constructor(url: string, grant: SessionGrant, now: number) {
    this.url = url;
    this.#grant = grant;
    this.#lifetimeMs = grant.lifetimeMs;
    this.#loggedInAt = now;
    this.#grantedAt = now;
  }

  get token(): string {
    return this.#grant.token;
  }

  /** From the login to its end, refreshed or not. */
  get lifetimeMs(): number {
    return this.#lifetimeMs;
  }

  /** Aborted when the token is of no use any more; everything that depends on it must begin anew. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Aborted when a younger session has taken over; this one still works until it ends. */
  get superseded(): AbortSignal {
    return this.#superseded.signal;
  }

  /** When to ask for a new token: at half the time that this one lives. */
  get refreshAt(): number {
    return this.#grantedAt + this.#grant.refreshTimeoutMs / 2;
  }

  /** When to log in anew, because no refresh prolongs a session's life. */
  get replaceAt(): number {
    return this.#loggedInAt + this.#lifetimeMs * REPLACE_AT;
  }

  /** When the token dies. */
  get expiresAt(): number {
    return Math.min(this.#grantedAt + this.#grant.refreshTimeoutMs, this.#loggedInAt + this.#lifetimeMs);
  }

  renewed(grant: SessionGrant, now: number): void {
    this.#grant = grant;
    this.#grantedAt = now;
  }

  supersede(): void {
    this.#superseded.abort(new Error('a new session took over'));
  }

  end(reason: Error): void {
    this.#ended.abort(reason);
  }
}
