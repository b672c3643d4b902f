import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** A list or watch as the server saw it. */
export interface SeenCall {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly watch: boolean;
  readonly authorization: string | undefined;
}

export interface ScriptedPod {
  readonly name: string;
  readonly resourceVersion: string;
}

export const podJson = ({ name, resourceVersion }: ScriptedPod): Record<string, unknown> => ({
  metadata: { name, namespace: 'default', resourceVersion, managedFields: [{ manager: 'kubelet' }] },
  spec: { nodeName: 'n1' },
});

export const event = (type: string, name: string, resourceVersion: string): string =>
  `${JSON.stringify({ type, object: { apiVersion: 'v1', kind: 'Pod', ...podJson({ name, resourceVersion }) } })}\n`;

export const bookmark = (resourceVersion: string): string =>
  `${JSON.stringify({ type: 'BOOKMARK', object: { kind: 'Pod', metadata: { resourceVersion } } })}\n`;

export const statusBody = (code: number, reason: string, message: string): string =>
  JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message });

type Handler = (call: SeenCall, response: ServerResponse) => boolean;

/**
 * A server that plays the API server as far as reflectors need one. Only `pods` have content; a test answers calls
 * itself by returning true from `script`.
 */
export class ScriptedApiServer {
  readonly seen: SeenCall[] = [];
  /** Open watches on pods, oldest first. */
  readonly watches: ServerResponse[] = [];
  pods: ScriptedPod[] = [];
  version = '100';
  script: Handler = () => false;
  url = '';
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(tls?: {
    readonly key: string;
    readonly cert: string;
    readonly ca?: string;
    readonly requestCert?: boolean;
  }) {
    const listener: RequestListener = (request, response) => this.#serve(request, response);
    this.#server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  async start(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    const scheme = 'setSecureContext' in this.#server ? 'https' : 'http';
    this.url = `${scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  lists(path = '/api/v1/pods'): readonly SeenCall[] {
    return this.seen.filter((call) => call.path === path && !call.watch);
  }

  watchCalls(path = '/api/v1/pods'): readonly SeenCall[] {
    return this.seen.filter((call) => call.path === path && call.watch);
  }

  /** Writes to the watch on pods that is open now. What an event tells of is in the lists that follow it. */
  send(text: string | Buffer): void {
    const told = /"resourceVersion":"(\d+)".*\n/.exec(text.toString())?.[1] ?? '0';
    if (Number(told) > Number(this.version)) this.version = told;
    this.watches.at(-1)?.write(text);
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://api');
    const call = {
      path: url.pathname,
      query: url.searchParams,
      watch: url.searchParams.get('watch') === 'true',
      authorization: request.headers.authorization,
    };
    this.seen.push(call);
    if (this.script(call, response)) return;
    response.setHeader('Content-Type', 'application/json');
    if (call.watch) {
      response.flushHeaders();
      if (call.path !== '/api/v1/pods') return;
      this.watches.push(response);
      return;
    }
    response.end(JSON.stringify(this.#list(call)));
  }

  #list(call: SeenCall): object {
    const all = call.path === '/api/v1/pods' ? this.pods : [];
    const limit = Number(call.query.get('limit') ?? '0') || all.length;
    const start = Number(call.query.get('continue') ?? '0');
    const end = start + limit;
    return {
      kind: 'PodList',
      apiVersion: 'v1',
      metadata: { resourceVersion: this.version, ...(end < all.length ? { continue: String(end) } : {}) },
      items: all.slice(start, end).map(podJson),
    };
  }
}
