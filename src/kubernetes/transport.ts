import { Agent as HttpAgent } from 'node:http';
import type { Readable } from 'node:stream';
import { type AxiosInstance, type AxiosRequestConfig, type AxiosResponse, create, type ResponseType } from 'axios';
import { WRITE_ERRORS } from '#ports';
import { abortable, networkFailure, retryAfter, withSignals } from '#runtime';
import {
  KubernetesConfigError,
  KubernetesExpiredError,
  KubernetesStatusError,
  KubernetesUnreachableError,
  KubernetesWriteError,
} from './errors.js';
import type { ApiConnection, ConnectionSource } from './target.js';

/** A request that changes something. */
export interface WriteRequest {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** What the body is; JSON when left out. */
  readonly contentType?: string;
  readonly body?: unknown;
  readonly timeoutMs: number;
}

/** What is wrong with a write, by status. Any other status says that the server is not well, and is worth another try. */
const REFUSALS: ReadonlyMap<number, string> = new Map([
  [400, WRITE_ERRORS.invalid],
  [403, WRITE_ERRORS.forbidden],
  [404, WRITE_ERRORS.notFound],
  [405, WRITE_ERRORS.notFound],
  [409, WRITE_ERRORS.conflict],
  [413, WRITE_ERRORS.invalid],
  [415, WRITE_ERRORS.invalid],
  [422, WRITE_ERRORS.invalid],
]);

/** Talks to the API server over kept-alive connections. */
export class KubernetesTransport {
  readonly #connections: ConnectionSource;
  readonly #axios: AxiosInstance;
  readonly #httpAgent = new HttpAgent({ keepAlive: true });

  constructor(connections: ConnectionSource) {
    this.#connections = connections;
    this.#axios = create({
      adapter: 'http',
      httpAgent: this.#httpAgent,
      maxRedirects: 0,
      proxy: false,
      transformResponse: (data: unknown) => data,
      validateStatus: () => true,
      headers: { Accept: 'application/json', 'User-Agent': 'aci-gateway' },
    });
  }

  /** The body of a GET. Rejects with a Kubernetes*Error for every status but 200, or with the signal's reason. */
  async text(path: string, timeoutMs: number, signal: AbortSignal): Promise<string> {
    const response = await this.#get<string>(path, { responseType: 'text', timeoutMs, encoding: 'gzip' }, signal);
    if (response.status !== 200) throw this.#statusError(path, response, response.data);
    return response.data;
  }

  /**
   * Sends a write. Rejects with a {@link KubernetesWriteError} when the server refuses it, with another Kubernetes*Error when
   * it could not be asked, or with the signal's reason.
   */
  async write({ method, path, contentType, body, timeoutMs }: WriteRequest, signal: AbortSignal): Promise<void> {
    const { url, headers, httpsAgent } = await this.#connection(timeoutMs, signal);
    const response = await this.#sent<string>(
      {
        url: `${url}${path}`,
        method,
        headers: { ...headers, 'Content-Type': contentType ?? 'application/json' },
        ...(body === undefined ? {} : { data: JSON.stringify(body) }),
        responseType: 'text',
        timeout: timeoutMs,
        signal,
        ...(httpsAgent === undefined ? {} : { httpsAgent }),
      },
      url,
    );
    const { status } = response;
    if (status >= 200 && status < 300) return;
    const code = REFUSALS.get(status);
    if (code === undefined) throw this.#statusError(path, response, response.data);
    const hint = status === 403 ? `; grant ${VERBS[method]} on it to the gateway` : '';
    const message = `${method} ${path.replace(/\?.*/, '')}: HTTP ${status}: ${statusMessage(response.data)}${hint}`;
    throw new KubernetesWriteError(status, code, message);
  }

  /** The body of a GET as it comes. `timeoutMs` is for the answer's head; rejects as `text` does. */
  async stream(path: string, timeoutMs: number, signal: AbortSignal): Promise<Readable> {
    const request = { responseType: 'stream', timeoutMs, encoding: 'identity' } as const;
    const response = await this.#get<Readable>(path, request, signal);
    if (response.status === 200) return response.data;
    throw this.#statusError(path, response, await textOf(response.data));
  }

  close(): void {
    this.#httpAgent.destroy();
    this.#connections.close();
  }

  async #get<T>(
    path: string,
    request: { readonly responseType: ResponseType; readonly timeoutMs: number; readonly encoding: string },
    signal: AbortSignal,
  ): Promise<AxiosResponse<T>> {
    const { url, headers, httpsAgent } = await this.#connection(request.timeoutMs, signal);
    return this.#sent<T>(
      {
        url: `${url}${path}`,
        headers: { ...headers, 'Accept-Encoding': request.encoding },
        responseType: request.responseType,
        timeout: request.timeoutMs,
        signal,
        ...(httpsAgent === undefined ? {} : { httpsAgent }),
      },
      url,
    );
  }

  /** A command that a kubeconfig runs for credentials may hang: it holds up neither a request nor the end of the process. */
  async #connection(timeoutMs: number, signal: AbortSignal): Promise<ApiConnection> {
    const late = AbortSignal.timeout(timeoutMs);
    try {
      return await withSignals([signal, late], (either) => abortable(this.#connections.current(), either));
    } catch (error) {
      signal.throwIfAborted();
      if (!late.aborted) throw error;
      const reason = `no credentials came within ${timeoutMs / 1000} s; does the command hang that the kubeconfig names?`;
      throw new KubernetesConfigError(reason);
    }
  }

  async #sent<T>(
    request: AxiosRequestConfig & { readonly signal: AbortSignal },
    url: string,
  ): Promise<AxiosResponse<T>> {
    try {
      return await this.#axios.request<T>(request);
    } catch (error) {
      if (request.signal.aborted) throw request.signal.reason;
      // The API server may have moved, or have a certificate of another authority: whoever sees to it changes the kubeconfig.
      if (!networkFailure(error).slow) this.#connections.reload();
      throw new KubernetesUnreachableError(url, reasonOf(error));
    }
  }

  #statusError(path: string, response: AxiosResponse, body: string): Error {
    const { status } = response;
    const message = `${path.replace(/\?.*/, '')}: HTTP ${status}: ${statusMessage(body)}`;
    if (status === 410) return new KubernetesExpiredError(message);
    if (status === 401) {
      this.#connections.reload();
      return new KubernetesStatusError(status, `${message}; the credentials of the gateway are not accepted`);
    }
    if (status === 403) {
      return new KubernetesStatusError(status, `${message}; grant get, list and watch on it to the gateway`);
    }
    return new KubernetesStatusError(status, message, retryAfter(response.headers['retry-after']));
  }
}

/** Verbs of RBAC for a method. */
const VERBS: Readonly<Record<WriteRequest['method'], string>> = {
  POST: 'create',
  PATCH: 'create and patch',
  DELETE: 'delete',
};

function reasonOf(error: unknown): string {
  const { reason, code, untrusted } = networkFailure(error);
  return untrusted ? `its certificate is not trusted (${code}); check certificate-authority-data` : reason;
}

/** The message of a `Status` object, or the beginning of whatever came. */
function statusMessage(body: string): string {
  try {
    const status = JSON.parse(body) as { readonly message?: unknown };
    if (typeof status.message === 'string') return status.message;
  } catch {
    // Not a Status: what came is shown as it is.
  }
  return body.slice(0, 200).replace(/\s+/g, ' ') || 'no reason given';
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString('utf8');
}
