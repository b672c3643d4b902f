import type { ApicHttp, OutgoingRequest } from './http.js';
import type { ApicSession, SessionGrant } from './session.js';

/** How the client says who it is: by a password once, or by a signature each time. */
export interface Authentication {
  /** Name for logs and messages. */
  readonly user: string;
  /** The Cookie header of a request. */
  cookie(request: OutgoingRequest): string | undefined;
  /** The Cookie header of the websocket's handshake at this path; undefined when the token in it is enough. */
  socketCookie(path: string, token: string): string | undefined;
  /** Begins a session. Rejects with `ApicLoginRefusedError` when the APIC says no. */
  logIn(http: ApicHttp, url: string, signal: AbortSignal): Promise<SessionGrant>;
  /** Lengthens a session's life by a new token. Rejects with `ApicSessionError` when it is over. */
  refresh(http: ApicHttp, session: ApicSession, signal: AbortSignal): Promise<SessionGrant>;
  /** Ends the session on the APIC, so that it does not count against the user's limit of sessions. */
  logOut(http: ApicHttp, session: ApicSession, signal: AbortSignal): Promise<void>;
}
