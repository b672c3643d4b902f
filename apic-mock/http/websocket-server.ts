import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { ApicParts } from './apic-parts.js';

/** `/socket<token>`: the token is glued to the word (apic-protocol.md §5.1). */
const SOCKET_PATH = /^\/+socket([^?]*)/;

/** Client frames carry nothing; what is larger than this is not a client of ours. */
const MAX_FRAME_BYTES = 64 * 1024;

/** Takes websocket handshakes on the server. `stop` cuts all sockets. */
export function acceptSockets(server: Server, parts: ApicParts): { stop(): void } {
  const websockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES });
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy());
    const session = sessionOf(parts, request.url ?? '');
    const status = session === undefined ? 403 : 101;
    parts.log.add({ time: parts.now(), method: 'GET', url: request.url ?? '', status });
    if (session === undefined) {
      stream.end('HTTP/1.1 403 Forbidden\r\nServer: Cisco APIC\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    websockets.handleUpgrade(request, stream, head, (socket) => parts.sockets.open(session, socket));
  });
  return {
    stop: () => {
      for (const socket of websockets.clients) socket.terminate();
      websockets.close();
    },
  };
}

function sessionOf(parts: ApicParts, url: string): ReturnType<ApicParts['sessions']['find']> {
  const token = SOCKET_PATH.exec(url)?.[1] ?? '';
  return parts.sessions.find(decoded(token));
}

function decoded(token: string): string {
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}
