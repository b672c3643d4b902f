import { Agent, request } from 'node:http';

/** A request whose path goes out as it is: no client's idea of a URL in between. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly cookie: string;
  readonly body?: string;
}

/** An HTTP client that keeps its connection and throws for no status. */
export class RawClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #base: URL;

  constructor(url: string) {
    this.#base = new URL(url);
  }

  send(given: RawRequest): Promise<{ readonly status: number; readonly text: string }> {
    const { method, path, cookie, body = '' } = given;
    const { hostname, port } = this.#base;
    const headers = { Cookie: cookie, 'Content-Length': Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const sent = request({ agent: this.#agent, hostname, port, method, path, headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
