import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the proxy saw it. */
export interface ProxiedCall {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** What to answer instead of the server: a status, or undefined to pass the request on. */
export type Refusal = (method: string, path: string) => number | undefined;

/** An API server that refuses what a test says, and passes everything else on to a real one. */
export interface RefusingProxy {
  readonly url: string;
  readonly calls: readonly ProxiedCall[];
  /** Refuses from now on; `undefined` refuses nothing. */
  refuse(refusal: Refusal | undefined): void;
  stop(): Promise<void>;
}

/** Starts a proxy before the server at the URL, on a free port. */
export async function startRefusingProxy(target: string): Promise<RefusingProxy> {
  const calls: ProxiedCall[] = [];
  let refusal: Refusal | undefined;
  const server = createServer((incoming, response) => {
    const { method = 'GET', url: path = '/' } = incoming;
    const refused = refusal?.(method, path);
    response.once('finish', () => calls.push({ method, path, status: response.statusCode }));
    if (refused === undefined) pass(target, incoming, response);
    else {
      incoming.resume();
      const status = {
        kind: 'Status',
        apiVersion: 'v1',
        status: 'Failure',
        code: refused,
        message: 'refused by the test',
      };
      response.writeHead(refused, { 'Content-Type': 'application/json' }).end(JSON.stringify(status));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    refuse: (next) => {
      refusal = next;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function pass(target: string, incoming: IncomingMessage, response: ServerResponse): void {
  const { method, headers, url = '/' } = incoming;
  const outgoing = request(`${target}${url}`, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
    answer.once('error', () => response.destroy());
  });
  outgoing.once('error', () => response.destroy());
  response.once('close', () => outgoing.destroy());
  incoming.pipe(outgoing);
}
