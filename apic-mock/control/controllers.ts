import type { ApicParts } from '../http/index.js';
import { type Listening, type RunningServer, startServer } from '../http/index.js';

/** The controllers of one APIC cluster: addresses at which the same objects, users and sessions are served. */
export class Controllers {
  readonly #parts: ApicParts;
  readonly #servers: { readonly url: string; running: RunningServer | undefined }[] = [];
  readonly #listening: Listening;

  private constructor(parts: ApicParts, listening: Listening) {
    this.#parts = parts;
    this.#listening = listening;
  }

  /** Starts so many controllers: at the port and those after it, or at free ports. Rejects when one cannot be had. */
  static async start(parts: ApicParts, listening: Listening, count: number): Promise<Controllers> {
    const controllers = new Controllers(parts, listening);
    try {
      for (let index = 0; index < count; index += 1) {
        const port = listening.port === 0 ? 0 : listening.port + index;
        const running = await startServer(parts, { ...listening, port });
        controllers.#servers.push({ url: running.url, running });
      }
    } catch (error) {
      await controllers.stopAll();
      throw error;
    }
    return controllers;
  }

  /** Addresses of all controllers, also of those that are down. */
  get urls(): readonly string[] {
    return this.#servers.map(({ url }) => url);
  }

  /** A controller fails: its connections and sockets are cut, nobody listens. Nothing happens when it is down already. */
  async fail(index: number): Promise<void> {
    const server = this.#server(index);
    const { running } = server;
    server.running = undefined;
    await running?.stop();
  }

  /** A controller comes back, at the same address. */
  async recover(index: number): Promise<void> {
    const server = this.#server(index);
    if (server.running !== undefined) return;
    server.running = await startServer(this.#parts, { ...this.#listening, port: portOf(server.url) });
  }

  /** Cuts everything and stops listening. */
  async stopAll(): Promise<void> {
    await Promise.all(this.#servers.map((_, index) => this.fail(index)));
  }

  #server(index: number): { readonly url: string; running: RunningServer | undefined } {
    const server = this.#servers[index];
    if (server === undefined) {
      throw new RangeError(`controller ${index}: expected 0 to ${this.#servers.length - 1}`);
    }
    return server;
  }
}

/** A URL leaves out the port that its scheme has by default. */
function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}
