import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ApicParts } from './apic-parts.js';
import { nginxPage } from './html-pages.js';
import { handleRequest } from './request-handler.js';
import type { TlsMaterial } from './tls.js';
import { acceptSockets } from './websocket-server.js';

/** Where to listen; port 0 takes a free one. */
export interface Listening {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsMaterial | undefined;
}

/** A server that runs. */
export interface RunningServer {
  readonly url: string;
  /** Cuts all connections and stops listening. */
  stop(): Promise<void>;
}

/** Starts serving REST and websockets on one port. Rejects when the port cannot be had. */
export async function startServer(parts: ApicParts, listening: Listening): Promise<RunningServer> {
  const { tls, host } = listening;
  const handler = (request: IncomingMessage, response: ServerResponse): void => {
    handleRequest(parts, request, response).catch(() => response.destroy());
  };
  const server = tls === undefined ? createServer(handler) : createTlsServer({ key: tls.key, cert: tls.cert }, handler);
  server.on('clientError', (_, stream) => refuseBrokenRequest(stream));
  const sockets = acceptSockets(server, parts);
  await listen(server, listening);
  const { port } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${name}:${port}`,
    stop: () =>
      new Promise((resolve) => {
        sockets.stop();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What is no HTTP, a method in lower case for one, gets nginx's page (apic-protocol.md §0). */
function refuseBrokenRequest(stream: Duplex): void {
  if (!stream.writable) return;
  const page = nginxPage(400);
  const head = ['HTTP/1.1 400 Bad Request', 'Server: Cisco APIC', 'Content-Type: text/html', 'Connection: close'];
  stream.end([...head, `Content-Length: ${page.length}`, '', page].join('\r\n'));
}

function listen(server: Server, listening: Listening): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(listening.port, listening.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
