import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { isSigned, type Session, signedBy } from '../session/index.js';
import type { ApicParts } from './apic-parts.js';
import { userName } from './authentication.js';

/** `/socket<token>`: the token is glued to the word (apic-protocol.md §5.1). */
const SOCKET_PATH = /^\/+socket([^?]*)/;

/** Client frames carry nothing; what is larger than this is not a client of ours. */
const MAX_FRAME_BYTES = 64 * 1024;

/** Takes websocket handshakes on the server. `stop` cuts all sockets. */
export function acceptSockets(server: Server, parts: ApicParts): { stop(): void } {
  const websockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES });
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy());
    const session = sessionOf(parts, request);
    const status = session === undefined ? 403 : 101;
    parts.log.add({ time: parts.now(), method: 'GET', url: request.url ?? '', status });
    if (session === undefined) {
      stream.end('HTTP/1.1 403 Forbidden\r\nServer: Cisco APIC\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    websockets.handleUpgrade(request, stream, head, (socket) => parts.sockets.open(session, socket, stream));
  });
  return {
    stop: () => {
      for (const socket of websockets.clients) socket.terminate();
      websockets.close();
    },
  };
}

/** The session of the token in the path. One that a signed request began has to be opened by one (§5.1). */
function sessionOf(parts: ApicParts, request: IncomingMessage): Session | undefined {
  const rawUrl = request.url ?? '';
  const session = parts.sessions.find(decoded(SOCKET_PATH.exec(rawUrl)?.[1] ?? ''));
  if (session === undefined || (session.signed !== true && !isSigned(request.headers))) return session;
  try {
    const signer = signedBy(parts.fabric.store, { method: 'GET', rawUrl, headers: request.headers, body: '' });
    return userName(signer) === session.user.name ? session : undefined;
  } catch {
    return undefined;
  }
}

function decoded(token: string): string {
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}
