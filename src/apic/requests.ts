import { ApicSessionError } from './errors.js';
import type { ApicHttp, HttpRequest } from './http.js';
import { type ApicReply, type ReplyContext, readReply } from './reply.js';
import type { ApicSession } from './session.js';
import type { SessionKeeper } from './session-keeper.js';

/** A request, and what it is about for messages: a Dn, or what is asked. */
export interface ApicRequest extends HttpRequest {
  readonly about: string;
}

/** Requests with a session. */
export class ApicRequests {
  readonly #http: ApicHttp;
  readonly #keeper: SessionKeeper;

  constructor(http: ApicHttp, keeper: SessionKeeper) {
    this.#http = http;
    this.#keeper = keeper;
  }

  /** Sends with this session and no other: for what hangs on the session's own socket and subscriptions. */
  async pinned(session: ApicSession, request: ApicRequest, signal: AbortSignal): Promise<ApicReply> {
    const { url, token } = session;
    const reply = await this.#http.send({ url, token }, request, signal);
    return readReply(reply, contextOf(url, request));
  }

  /** Sends with the current session; after a 401 or 403 once more with a new token. */
  async send(request: ApicRequest, signal: AbortSignal): Promise<ApicReply> {
    const session = await this.#keeper.session(signal);
    const { token } = session;
    try {
      return await this.pinned(session, request, signal);
    } catch (error) {
      this.#keeper.noticed(session, error);
      if (!(error instanceof ApicSessionError)) throw error;
    }
    return this.#sendAgain(await this.#keeper.renew(session, token, signal), request, signal);
  }

  async #sendAgain(session: ApicSession, request: ApicRequest, signal: AbortSignal): Promise<ApicReply> {
    const { url, token } = session;
    const reply = await this.#http.send({ url, token }, request, signal);
    try {
      return readReply(reply, contextOf(url, request));
    } catch (error) {
      if (!(error instanceof ApicSessionError)) throw error;
      throw new ApicSessionError(url, request.about, error.text, { afterRenewal: true });
    }
  }
}

const contextOf = (url: string, { kind, about }: ApicRequest): ReplyContext => ({
  url,
  about,
  isWrite: kind === 'writes',
});
