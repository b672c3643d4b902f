import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** A server that takes connections and never says a word, as a proxy does whose processes hang. */
export class SilentServer {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server = createServer((socket) => {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
  });

  /** Listens, on a port of its own when none is said; gives the port. */
  async start(port = 0): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
