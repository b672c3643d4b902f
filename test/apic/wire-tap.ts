import assert from 'node:assert/strict';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Where secrets stand in plain HTTP, in either direction. */
const PLACES: readonly RegExp[] = [
  /"token":"([^"]+)"/g,
  /APIC-cookie=([^;\s]+)/gi,
  /APIC-WebSocket-Session=([^;\s]+)/g,
  /APIC-Request-Signature=([^;\s]+)/g,
  /GET \/socket(\S+)/g,
];

/** Stands between a client and a server that speak plain HTTP, and keeps every token, cookie and signature that passes. */
export class WireTap {
  readonly secrets = new Set<string>();
  url = '';
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(target: string) {
    const { hostname, port } = new URL(target);
    this.#server = createServer((near) => this.#join(near, connect(Number(port), hostname)));
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    assert.ok(typeof address === 'object' && address !== null);
    this.url = `http://127.0.0.1:${address.port}`;
    return this;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(near: Socket, far: Socket): void {
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      one.on('data', (chunk: Buffer) => {
        this.#note(chunk.toString('latin1'));
        other.write(chunk);
      });
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }

  #note(text: string): void {
    for (const place of PLACES) for (const [, secret] of text.matchAll(place)) this.secrets.add(secret ?? '');
  }
}
