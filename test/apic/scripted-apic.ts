import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A request as the server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly cookie: string;
  readonly token: string | undefined;
  readonly body: string;
}

/** An answer; `reset` cuts the connection instead. */
export type ScriptedReply =
  | { readonly status: number; readonly body: string; readonly headers?: Record<string, string> }
  | 'reset'
  | 'silence';

export interface ScriptedObject {
  readonly className: string;
  readonly dn: string;
  readonly [attribute: string]: string;
}

export const imdata = (entries: readonly object[], more: object = {}): string =>
  JSON.stringify({ totalCount: String(entries.length), imdata: entries, ...more });

export const failed = (status: number, code: string, text: string): ScriptedReply => ({
  status,
  body: imdata([{ error: { attributes: { code, text } } }]),
});

export const mo = ({ className, ...attributes }: ScriptedObject): object => ({ [className]: { attributes } });

/**
 * A server that plays an APIC as far as the client's own state machine needs one. A test sets `script` to answer a
 * request in another way than the default.
 */
export class ScriptedApic {
  readonly seen: SeenRequest[] = [];
  readonly sockets: { readonly token: string; readonly socket: WebSocket }[] = [];
  readonly subscriptions = new Map<string, { readonly dn: string; readonly socket: WebSocket | undefined }>();
  objects: ScriptedObject[] = [];
  validTokens = new Set<string>();
  password = 'right';
  refreshTimeoutSeconds = '600';
  maximumLifetimeSeconds = '86400';
  script: (request: SeenRequest) => ScriptedReply | undefined | Promise<ScriptedReply | undefined> = () => undefined;
  /** When set, pings on websockets are not answered. */
  deaf = false;
  url = '';
  readonly #server: Server;
  readonly #connections = new Set<Socket>();
  readonly #websockets: WebSocketServer;
  #count = 0;

  constructor(tls?: { readonly key: string; readonly cert: string }) {
    const listener = (request: IncomingMessage, response: ServerResponse): void => void this.#serve(request, response);
    this.#server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
    this.#server.on('connection', (socket: Socket) => {
      this.#connections.add(socket);
      socket.on('close', () => this.#connections.delete(socket));
    });
    this.#websockets = new WebSocketServer({ noServer: true, autoPong: false });
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket as Socket, head));
  }

  async start(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    const scheme = 'setSecureContext' in this.#server ? 'https' : 'http';
    this.url = `${scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#connections) socket.destroy();
    await closed;
  }

  /** Requests of a path, in order. */
  of(path: string): readonly SeenRequest[] {
    return this.seen.filter((request) => request.path === path);
  }

  get logins(): number {
    return this.of('/api/aaaLogin.json').length;
  }

  /** How many TCP connections are open. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Sends an event to the sockets of the subscriptions on the Dn. */
  push(dn: string, ...events: readonly ScriptedObject[]): void {
    for (const [id, subscription] of this.subscriptions) {
      if (subscription.dn !== dn) continue;
      subscription.socket?.send(JSON.stringify({ subscriptionId: [id], imdata: events.map(mo) }));
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const url = new URL(request.url ?? '/', 'http://apic');
    const cookie = request.headers.cookie ?? '';
    const seen = {
      method: request.method ?? '',
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      cookie,
      token: /APIC-cookie=(\S+)/.exec(cookie)?.[1],
      body,
    };
    this.seen.push(seen);
    const reply = (await this.script(seen)) ?? this.answer(seen);
    if (reply === 'silence') return;
    if (reply === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    response.writeHead(reply.status, { 'Content-Type': 'application/json', ...reply.headers }).end(reply.body);
  }

  /** What the server answers when the script says nothing. */
  answer(request: SeenRequest): ScriptedReply {
    if (request.path === '/api/aaaLogin.json') return this.#login(request);
    if (request.token === undefined || !this.validTokens.has(request.token)) {
      return failed(403, '403', 'Token was invalid (Error: Token timeout)');
    }
    if (request.path === '/api/aaaRefresh.json') return { status: 200, body: imdata([this.#grant()]) };
    if (request.path === '/api/subscriptionRefresh.json') return this.#refreshSubscription(request);
    if (request.method === 'GET' && request.query.get('subscription') === 'yes') return this.#subscribe(request);
    if (request.method === 'GET') return this.#list(request);
    return { status: 200, body: imdata([]) };
  }

  #login(request: SeenRequest): ScriptedReply {
    const { pwd } = (JSON.parse(request.body) as { aaaUser: { attributes: { pwd: string } } }).aaaUser.attributes;
    if (pwd !== this.password) return failed(401, '401', 'Username or password is incorrect');
    return { status: 200, body: imdata([this.#grant()]) };
  }

  #grant(): object {
    this.#count += 1;
    const token = `token-${this.#count}`;
    this.validTokens.add(token);
    const { refreshTimeoutSeconds, maximumLifetimeSeconds } = this;
    return { aaaLogin: { attributes: { token, refreshTimeoutSeconds, maximumLifetimeSeconds } } };
  }

  #refreshSubscription(request: SeenRequest): ScriptedReply {
    return this.subscriptions.has(request.query.get('id') ?? '')
      ? { status: 200, body: imdata([]) }
      : failed(400, '400', 'no such subscription');
  }

  #subscribe(request: SeenRequest): ScriptedReply {
    const socket = this.sockets.findLast(({ socket }) => socket.readyState === socket.OPEN)?.socket;
    if (socket === undefined) return failed(405, '405', 'unable to locate opened web socket');
    this.#count += 1;
    const id = `7205762840000${this.#count}`;
    this.subscriptions.set(id, { dn: dnOf(request), socket });
    return { status: 200, body: imdata([], { subscriptionId: id }) };
  }

  #list(request: SeenRequest): ScriptedReply {
    const classes = request.query.get('target-subtree-class')?.split(',');
    const dn = dnOf(request);
    const all = this.objects.filter(
      (object) => classes?.includes(object.className) !== false && (object.dn === dn || object.dn.startsWith(`${dn}/`)),
    );
    if (request.query.has('order-by')) all.sort((a, b) => (a.dn < b.dn ? -1 : 1));
    const size = Number(request.query.get('page-size') ?? '1000');
    const page = all.slice(Number(request.query.get('page') ?? '0') * size).slice(0, size);
    return { status: 200, body: JSON.stringify({ totalCount: String(all.length), imdata: page.map(mo) }) };
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const token = (request.url ?? '').replace('/socket', '');
    if (!this.validTokens.has(token)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    this.#websockets.handleUpgrade(request, socket, head, (opened) => {
      opened.on('ping', () => {
        if (!this.deaf) opened.pong();
      });
      this.sockets.push({ token, socket: opened });
    });
  }
}

const dnOf = (request: SeenRequest): string => request.path.replace(/^\/api\/mo\//, '').replace(/\.json$/, '');
