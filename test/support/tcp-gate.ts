import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a server: passes everything on, or late, or is not there at all. */
export class TcpGate {
  #isAway = false;
  /** What clients sent to the server and what is kept back of it, by connection; undefined while everything is passed on. */
  #held: Map<Socket, Buffer[]> | undefined;
  #isLosing = false;
  /** Text in what a client sends from which on it is held. */
  #heldFrom: string | undefined;
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  readonly #servers = new Set<Socket>();
  readonly #server = createServer((socket) => this.#join(socket));

  /** @param target URL of the server. */
  constructor(target: string) {
    this.#target = new URL(target);
  }

  /** Gives the URL by which the server is reached through the gate. */
  async start(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return `${this.#target.protocol}//127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Breaks all connections, and takes none until {@link comeBack}. */
  goAway(): void {
    this.#isAway = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Takes connections again. */
  comeBack(): void {
    this.#isAway = false;
  }

  /** Keeps back what clients send over the connections that stand, and takes no further ones. */
  hold(): void {
    this.#isAway = true;
    this.#isLosing = false;
    this.#held = new Map([...this.#servers].map((server) => [server, []]));
  }

  /** Does the same as {@link hold} when a client sends something with the text in it. */
  holdFrom(text: string): void {
    this.#heldFrom = text;
  }

  /** Loses what clients send over the connections that are held from now on; nor is the server told that they are closed. */
  loseRest(): void {
    this.#isLosing = true;
  }

  /** Passes on what was kept back. */
  release(): void {
    for (const [server, chunks] of this.#held ?? []) server.write(Buffer.concat(chunks));
    this.#heldFrom = undefined;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server.close(), 'close');
    this.goAway();
    await closed;
  }

  #join(client: Socket): void {
    if (this.#isAway) return void client.destroy();
    const { hostname, port } = this.#target;
    const server = connect(Number(port), hostname);
    this.#servers.add(server);
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
    }
    client.on('data', (chunk: Buffer) => this.#pass(server, chunk));
    client.on('close', () => this.#held?.has(server) !== true && server.destroy());
    server.on('data', (chunk: Buffer) => client.write(chunk));
    server.on('close', () => {
      this.#servers.delete(server);
      client.destroy();
    });
  }

  #pass(server: Socket, chunk: Buffer): void {
    if (this.#held === undefined && this.#heldFrom !== undefined && chunk.includes(this.#heldFrom)) this.hold();
    const held = this.#held?.get(server);
    if (held === undefined) server.write(chunk);
    else if (!this.#isLosing) held.push(chunk);
  }
}
