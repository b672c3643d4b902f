import { Agent as HttpAgent } from 'node:http';
import type { Readable } from 'node:stream';
import { type AxiosInstance, type AxiosResponse, create, type ResponseType } from 'axios';
import { networkFailure } from '#runtime';
import { KubernetesExpiredError, KubernetesStatusError, KubernetesUnreachableError } from './errors.js';
import type { ConnectionSource } from './target.js';

/** Reads from the API server over kept-alive connections. */
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
    const { url, headers, httpsAgent } = await this.#connections.current();
    signal.throwIfAborted();
    try {
      return await this.#axios.request<T>({
        url: `${url}${path}`,
        headers: { ...headers, 'Accept-Encoding': request.encoding },
        responseType: request.responseType,
        timeout: request.timeoutMs,
        signal,
        ...(httpsAgent === undefined ? {} : { httpsAgent }),
      });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
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
    const seconds = Number(response.headers['retry-after']);
    return new KubernetesStatusError(status, message, seconds > 0 ? seconds * 1000 : undefined);
  }
}

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
