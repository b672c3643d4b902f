import { type Agent as HttpAgent } from 'node:http';
import { type AxiosInstance, create } from 'axios';
import type { ManagedObject } from '#model/aci';
import type { ApicRequestCounts } from '#ports';
import { networkFailure, retryAfter } from '#runtime';
import { connectLimitMs } from './connect-limit.js';
import { ApicUnreachableError } from './errors.js';
import { networkError } from './network-error.js';
import { PlainAgent } from './plain-agent.js';
import type { LoadSign, RequestKind, RequestLimiter } from './request-limiter.js';
import { type ApicTls, httpsAgent } from './tls.js';
import type { WireDocument, WireFormat } from './wire/wire-format.js';

/** One request to one APIC. */
export interface HttpRequest {
  readonly kind: RequestKind;
  readonly method: 'GET' | 'POST';
  /** Begins with `/api`; without the suffix that chooses the spelling, and without a query. */
  readonly path: string;
  readonly query?: string;
  readonly body?: ManagedObject;
  /** Asked right before each time that it is sent; throws when that must not be. */
  readonly mayBegin?: () => void;
}

/** An answer of whatever status, not interpreted yet. */
export interface HttpReply {
  readonly status: number;
  readonly body: string;
  /** What the body says; undefined when it is no envelope of the APIC's. */
  readonly document: WireDocument | undefined;
  /** From a Retry-After header, up to a minute. */
  readonly retryAfterMs: number | undefined;
}

/** Where and in which session a request is sent. */
export interface Destination {
  readonly url: string;
  readonly token?: string;
}

/** A request as it goes out, for whom it must be signed. */
export interface OutgoingRequest {
  readonly method: string;
  /** Path and query, byte for byte. */
  readonly target: string;
  readonly body: string;
  readonly token: string | undefined;
}

/** What {@link ApicHttp} needs. */
export interface ApicHttpOptions {
  readonly tls: ApicTls;
  readonly timeoutMs: number;
  readonly format: WireFormat;
  /** The Cookie header that says who asks; undefined for none. */
  readonly cookie: (request: OutgoingRequest) => string | undefined;
  readonly limiter: RequestLimiter;
  /** Asked right before each write is sent: whatever it waited for before, this is when it must still be right. */
  readonly mayWrite: () => void;
}

/** A guard only: how many requests are under way is up to the limiter. */
const MOST_SOCKETS = 16;
const LARGEST_REPLY_BYTES = 512 * 1024 * 1024;
/** What an APIC, or the proxy before it, says under load. 202 is the answer of a full queue (apic-protocol.md §3.3). */
const OVERLOADED: ReadonlySet<number> = new Set([202, 429, 502, 503, 504]);

/** HTTP to the APICs over kept-alive connections, at the pace that they take; counts what it sends. */
export class ApicHttp {
  readonly #options: ApicHttpOptions;
  readonly #axios: AxiosInstance;
  readonly #agents: readonly HttpAgent[];
  readonly #counts: Record<RequestKind, number> = { logins: 0, reads: 0, writes: 0, refreshes: 0 };

  constructor(options: ApicHttpOptions) {
    this.#options = options;
    const keeping = { keepAlive: true, maxSockets: MOST_SOCKETS };
    const connectMs = connectLimitMs(options.timeoutMs);
    const httpAgent = new PlainAgent(keeping, connectMs);
    const secureAgent = httpsAgent(options.tls, { ...keeping, connectMs });
    this.#agents = [httpAgent, secureAgent];
    this.#axios = create({
      adapter: 'http',
      httpAgent,
      httpsAgent: secureAgent,
      timeout: options.timeoutMs,
      maxRedirects: 0,
      proxy: false,
      responseType: 'text',
      transformRequest: (data: unknown) => data,
      transformResponse: (data: unknown) => data,
      validateStatus: () => true,
      maxContentLength: LARGEST_REPLY_BYTES,
      maxBodyLength: LARGEST_REPLY_BYTES,
    });
  }

  counts(): ApicRequestCounts {
    return { ...this.#counts };
  }

  /**
   * Sends one request and gives the answer of whatever status. Rejects with {@link networkError}'s errors when none
   * came, or with the signal's reason. A reset connection is tried once more at once: the server may have closed a
   * kept-alive connection in the moment it was used, and every request of this protocol may be repeated.
   */
  send(to: Destination, request: HttpRequest, signal: AbortSignal): Promise<HttpReply> {
    return this.#options.limiter.run(request.kind, () => this.#sendTwiceAtMost(to, request, signal), loadSign, signal);
  }

  /** Closes idle connections and those in use. */
  destroy(): void {
    this.#options.limiter.close();
    for (const agent of this.#agents) agent.destroy();
  }

  async #sendTwiceAtMost(to: Destination, request: HttpRequest, signal: AbortSignal): Promise<HttpReply> {
    try {
      return await this.#sendOnce(to, request, signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (networkFailure(error).code !== 'ECONNRESET') throw networkError(to.url, error);
    }
    try {
      return await this.#sendOnce(to, request, signal);
    } catch (error) {
      throw signal.aborted ? signal.reason : networkError(to.url, error);
    }
  }

  async #sendOnce(to: Destination, request: HttpRequest, signal: AbortSignal): Promise<HttpReply> {
    signal.throwIfAborted();
    const { format, mayWrite } = this.#options;
    if (request.kind === 'writes') mayWrite();
    request.mayBegin?.();
    const body = request.body === undefined ? undefined : format.write(request.body);
    const { href, headers } = this.#outgoing(to, request, body);
    this.#counts[request.kind] += 1;
    const reply = await this.#axios.request<string>({ method: request.method, url: href, data: body, headers, signal });
    const text = reply.data ?? '';
    return {
      status: reply.status,
      body: text,
      document: format.read(text),
      retryAfterMs: retryAfter(reply.headers['retry-after']),
    };
  }

  /** Exactly one APIC-cookie: with two, reads work and the pushes of subscriptions stop (apic-protocol.md §1.1). */
  #outgoing(to: Destination, request: HttpRequest, body: string | undefined) {
    const { format, cookie } = this.#options;
    const query = request.query === undefined ? '' : `?${request.query}`;
    // Spelled by the URL class as the client will spell it: a signature is over the bytes that are sent.
    const { href, pathname, search } = new URL(`${to.url}${request.path}.${format.suffix}${query}`);
    const who = cookie({ method: request.method, target: `${pathname}${search}`, body: body ?? '', token: to.token });
    const headers = {
      Accept: format.contentType,
      ...(body === undefined ? {} : { 'Content-Type': format.contentType }),
      ...(who === undefined ? {} : { Cookie: who }),
    };
    return { href, headers };
  }
}

function loadSign(outcome: { readonly value: HttpReply } | { readonly error: unknown }): LoadSign | undefined {
  if ('value' in outcome) {
    const { status, retryAfterMs } = outcome.value;
    return { overloaded: OVERLOADED.has(status), retryAfterMs };
  }
  const { error } = outcome;
  return error instanceof ApicUnreachableError && !error.down ? { overloaded: true } : undefined;
}
