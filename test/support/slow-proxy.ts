import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Stands between a client and an HTTP server: answers later where a test says so, or is not there at all. */
export class SlowProxy {
  /** By how many milliseconds the answer to a request comes later. */
  delayOf: (request: IncomingMessage) => number = () => 0;
  #isAway = false;
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((asked, answer) => void this.#forward(asked, answer));
    this.#server.on('connection', (socket: Socket) => {
      if (this.#isAway) socket.destroy();
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Breaks all connections, and takes none until {@link comeBack}. */
  goAway(): void {
    this.#isAway = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  comeBack(): void {
    this.#isAway = false;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.goAway();
    await closed;
  }

  async #forward(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    await delay(this.delayOf(asked));
    const { hostname, port } = this.#target;
    const { method, url: path, headers } = asked;
    const onward = request({ hostname, port, method, path, headers }, (found) => {
      answer.writeHead(found.statusCode ?? 502, found.headers);
      found.pipe(answer);
      found.on('error', () => answer.destroy());
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    asked.pipe(onward);
  }
}
