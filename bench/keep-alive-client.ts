import { Agent, request } from 'node:http';

/** As thin a client as Node has: what is measured is the server. */
export class KeepAliveClient {
  readonly #agent: Agent;
  readonly #base: URL;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: string, token: string, connections: number) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
    this.#base = new URL(url);
    this.#headers = { Cookie: `APIC-cookie=${token}` };
  }

  /** Sends a request and gives the answer's text. Rejects for any status but 200. */
  send(method: string, path: string, body = ''): Promise<string> {
    return new Promise((resolve, reject) => {
      const headers = { ...this.#headers, 'Content-Length': Buffer.byteLength(body) };
      const { hostname, port } = this.#base;
      const sent = request({ agent: this.#agent, hostname, port, path, method, headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
        });
        answer.on('end', () => {
          if (answer.statusCode === 200) resolve(text);
          else reject(new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 200)}`));
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** Does a numbered piece of work so many times, so many at once. */
  async repeat(times: number, atOnce: number, work: (index: number) => Promise<unknown>): Promise<void> {
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let index = next++; index < times; index = next++) await work(index);
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }

  close(): void {
    this.#agent.destroy();
  }
}
