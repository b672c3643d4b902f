import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { type AxiosInstance, create } from 'axios';
import type { ApicRequestCounts } from '#ports';
import { networkFailure } from '#runtime';
import { networkError } from './network-error.js';
import type { ApicTls } from './options.js';

/** Kinds of requests as {@link ApicRequestCounts} counts them. */
export type RequestKind = keyof ApicRequestCounts;

/** One request to one APIC. `path` begins with `/api` and holds the query. */
export interface HttpRequest {
  readonly kind: RequestKind;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: string;
}

/** An answer of whatever status, not interpreted yet. */
export interface HttpReply {
  readonly status: number;
  readonly body: string;
  /** From a Retry-After header in seconds (RFC 9110 §10.2.3). */
  readonly retryAfterMs: number | undefined;
}

/** Where and as whom a request is sent. */
export interface Destination {
  readonly url: string;
  readonly token?: string;
}

/** An APIC's nginx serves few connections well; more of them make it slower, not faster. */
const MOST_SOCKETS = 8;
const LARGEST_REPLY_BYTES = 512 * 1024 * 1024;

/** HTTP to the APICs over kept-alive connections; counts what it sends. */
export class ApicHttp {
  readonly #axios: AxiosInstance;
  readonly #agents: readonly (HttpAgent | HttpsAgent)[];
  readonly #counts: Record<RequestKind, number> = { logins: 0, reads: 0, writes: 0, refreshes: 0 };

  constructor(tls: ApicTls, timeoutMs: number) {
    const httpAgent = new HttpAgent({ keepAlive: true, maxSockets: MOST_SOCKETS });
    const httpsAgent = new HttpsAgent({ keepAlive: true, maxSockets: MOST_SOCKETS, ...tlsOptions(tls) });
    this.#agents = [httpAgent, httpsAgent];
    this.#axios = create({
      adapter: 'http',
      httpAgent,
      httpsAgent,
      timeout: timeoutMs,
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
  async send(to: Destination, request: HttpRequest, signal: AbortSignal): Promise<HttpReply> {
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

  /** Closes idle connections and those in use. */
  destroy(): void {
    for (const agent of this.#agents) agent.destroy();
  }

  async #sendOnce(to: Destination, request: HttpRequest, signal: AbortSignal): Promise<HttpReply> {
    signal.throwIfAborted();
    this.#counts[request.kind] += 1;
    const reply = await this.#axios.request<string>({
      method: request.method,
      url: `${to.url}${request.path}`,
      data: request.body,
      headers: headersOf(to, request),
      signal,
    });
    return { status: reply.status, body: reply.data ?? '', retryAfterMs: retryAfter(reply.headers['retry-after']) };
  }
}

/** Options of Node.js TLS for the trust that was configured. */
export const tlsOptions = (tls: ApicTls): { readonly ca?: string; readonly rejectUnauthorized: boolean } => ({
  ...(tls.ca === undefined ? {} : { ca: tls.ca }),
  rejectUnauthorized: tls.insecure !== true,
});

/** Exactly one APIC-cookie: with two, reads work and the pushes of subscriptions stop (apic-protocol.md §1.1). */
function headersOf(to: Destination, request: HttpRequest): Record<string, string> {
  return {
    Accept: 'application/json',
    ...(request.body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(to.token === undefined ? {} : { Cookie: `APIC-cookie=${to.token}` }),
  };
}

function retryAfter(header: unknown): number | undefined {
  const seconds = typeof header === 'string' ? Number(header) : Number.NaN;
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
