import { type AxiosResponse, create } from 'axios';
import type { KubernetesObject } from '#model/kubernetes';

/** A plain HTTP client of one API server: answers come back whatever their status. */
export interface ApiClient {
  get(path: string, accept?: string): Promise<AxiosResponse>;
  post(path: string, body: unknown): Promise<AxiosResponse>;
  put(path: string, body: unknown): Promise<AxiosResponse>;
  patch(path: string, type: 'json' | 'merge' | 'strategic-merge', body: unknown): Promise<AxiosResponse>;
  delete(path: string, body?: unknown): Promise<AxiosResponse>;
  watch(path: string): Promise<WatchStream>;
}

export const apiClient = (url: string): ApiClient => {
  const http = create({ baseURL: url, validateStatus: () => true, proxy: false });
  return {
    get: (path, accept = 'application/json') => http.get(path, { headers: { Accept: accept } }),
    post: (path, body) => http.post(path, body, { headers: { 'Content-Type': 'application/json' } }),
    put: (path, body) => http.put(path, body, { headers: { 'Content-Type': 'application/json' } }),
    patch: (path, type, body) =>
      http.patch(path, JSON.stringify(body), { headers: { 'Content-Type': `application/${type}-patch+json` } }),
    delete: (path, body) => http.delete(path, body === undefined ? {} : { data: body }),
    watch: async (path) => openWatch(`${url}${path}`),
  };
};

/** One event of a watch. */
export interface WatchLine {
  readonly type: string;
  readonly object: KubernetesObject & { readonly code?: number; readonly reason?: string };
}

/** An open watch whose events are taken one by one. */
export interface WatchStream {
  /** The next event; fails after two seconds without one. */
  next(): Promise<WatchLine>;
  /** All events until the server ends the stream. */
  rest(): Promise<readonly WatchLine[]>;
  close(): void;
}

async function openWatch(url: string): Promise<WatchStream> {
  const abort = new AbortController();
  const response = await fetch(url, { signal: abort.signal });
  if (response.status !== 200 || response.body === null) {
    throw new Error(`watch answered ${response.status}: ${await response.text()}`);
  }
  const lines = readLines(response.body);
  const next = async (): Promise<WatchLine | undefined> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('no watch event within two seconds')), 2000);
    });
    const step = await Promise.race([lines.next(), late]).finally(() => clearTimeout(timer));
    return step.done === true ? undefined : step.value;
  };
  return {
    async next() {
      const line = await next();
      if (line === undefined) throw new Error('the watch has ended');
      return line;
    },
    async rest() {
      const all: WatchLine[] = [];
      for (let line = await next(); line !== undefined; line = await next()) all.push(line);
      return all;
    },
    close: () => abort.abort(),
  };
}

async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<WatchLine, undefined> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    for (let cut = text.indexOf('\n'); cut !== -1; cut = text.indexOf('\n')) {
      yield JSON.parse(text.slice(0, cut)) as WatchLine;
      text = text.slice(cut + 1);
    }
  }
  return undefined;
}
