import { randomBytes } from 'node:crypto';
import { tokenTimeout } from './session-errors.js';
import type { User } from './users.js';

/** How long tokens and sessions live (apic-protocol.md §1.1). */
export interface SessionTimes {
  /** Life of a token from login or refresh: `refreshTimeoutSeconds`. */
  readonly tokenSeconds: number;
  /** Life of a session, whatever is refreshed: `maximumLifetimeSeconds`. */
  readonly lifetimeSeconds: number;
  /** Whether any request lengthens its token's life: sources disagree (apic-protocol.md §1.2). */
  readonly trafficExtends: boolean;
}

/** One login. It outlives its tokens' changes; its socket and subscriptions hang on it. */
export interface Session {
  readonly id: string;
  readonly user: User;
  readonly createdAt: number;
  /** Second secret of the session, when it was asked for at login (`gui-token-request`, apic-protocol.md §1.2). */
  readonly challenge?: string;
  /** Begun by a signed request: its websocket has to be asked for by one as well (§1.3). */
  readonly signed?: true;
}

/** How a session differs from a plain login. */
export type SessionKind = Pick<Session, 'challenge' | 'signed'>;

interface Entry extends Session {
  readonly tokens: Map<string, number>;
  readonly endsAt: number;
}

/** The live sessions by token. Times are milliseconds of the given clock. */
export class Sessions {
  readonly #times: SessionTimes;
  readonly #now: () => number;
  readonly #byToken = new Map<string, Entry>();
  readonly #endListeners = new Set<(session: Session) => void>();

  constructor(times: SessionTimes, now: () => number) {
    this.#times = times;
    this.#now = now;
  }

  /** Calls the listener with every session that ends, by logout or by age. */
  onEnd(listener: (session: Session) => void): void {
    this.#endListeners.add(listener);
  }

  /** Begins a session; gives its first token. */
  login(user: User, kind: SessionKind = {}): { readonly session: Session; readonly token: string } {
    const now = this.#now();
    const entry: Entry = {
      id: randomBytes(12).toString('base64'),
      ...kind,
      user,
      createdAt: now,
      tokens: new Map(),
      endsAt: now + this.#times.lifetimeSeconds * 1000,
    };
    return { session: entry, token: this.#newToken(entry) };
  }

  /** A further token of a live session; the older ones keep their own time. Throws 403 for one that is none, as of a signer. */
  refresh(session: Session): string {
    const entry = [...this.#byToken.values()].find((candidate) => candidate.id === session.id);
    if (entry === undefined) throw tokenTimeout();
    return this.#newToken(entry);
  }

  /** The session of a token that is still good. */
  find(token: string): Session | undefined {
    const entry = this.#byToken.get(token);
    if (entry === undefined) return undefined;
    if ((entry.tokens.get(token) ?? 0) <= this.#now()) {
      this.#drop(entry, token);
      return undefined;
    }
    if (this.#times.trafficExtends) entry.tokens.set(token, this.#expiry(entry));
    return entry;
  }

  /** Ends a session with all its tokens. */
  end(session: Session): void {
    const entry = [...this.#byToken.values()].find((candidate) => candidate.id === session.id);
    if (entry === undefined) return;
    for (const token of entry.tokens.keys()) this.#drop(entry, token);
  }

  /** Ends the sessions of users of whom the test says so. */
  endOf(isOver: (user: User) => boolean): void {
    for (const session of new Set(this.#byToken.values())) if (isOver(session.user)) this.end(session);
  }

  /** Ends every session. */
  endAll(): void {
    for (const session of new Set(this.#byToken.values())) this.end(session);
  }

  /** Forgets tokens whose time is over, and ends the sessions that have none left. */
  sweep(): void {
    const now = this.#now();
    for (const [token, entry] of this.#byToken) if ((entry.tokens.get(token) ?? 0) <= now) this.#drop(entry, token);
  }

  #newToken(entry: Entry): string {
    const token = ['eyJhbGciOiJSUzI1NiJ9', randomBytes(96).toString('base64url')].join('.');
    entry.tokens.set(token, this.#expiry(entry));
    this.#byToken.set(token, entry);
    return token;
  }

  #expiry(entry: Entry): number {
    return Math.min(this.#now() + this.#times.tokenSeconds * 1000, entry.endsAt);
  }

  #drop(entry: Entry, token: string): void {
    entry.tokens.delete(token);
    this.#byToken.delete(token);
    if (entry.tokens.size === 0) for (const listener of this.#endListeners) listener(entry);
  }
}
