import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { Session } from '../session/index.js';

interface OpenSocket {
  readonly socket: WebSocket;
  /** What the socket's frames are written to. */
  readonly stream: Duplex;
}

/** The open websocket of each session: there is one a session, the last opened (apic-protocol.md §5.1). */
export class Sockets {
  readonly #bySession = new Map<string, OpenSocket>();

  /** Takes over a new socket with the stream below it. An earlier one of the same session is closed. */
  open(session: Session, socket: WebSocket, stream: Duplex): void {
    this.#bySession.get(session.id)?.socket.close();
    this.#bySession.set(session.id, { socket, stream });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      if (this.#bySession.get(session.id)?.socket === socket) this.#bySession.delete(session.id);
    });
  }

  isOpen(session: Session): boolean {
    return this.#bySession.get(session.id)?.socket.readyState === WebSocket.OPEN;
  }

  /** Lets the frames that are sent meanwhile out together: a write for each of thousands takes longer than to make them. */
  together(send: () => void): void {
    const streams = [...this.#bySession.values()].map(({ stream }) => stream);
    for (const stream of streams) stream.cork();
    try {
      send();
    } finally {
      for (const stream of streams) stream.uncork();
    }
  }

  /** Sends a text frame, if anybody listens: what is missed is never sent again. */
  send(session: Session, text: string): boolean {
    const socket = this.#bySession.get(session.id)?.socket;
    if (socket === undefined || socket.readyState !== WebSocket.OPEN) return false;
    socket.send(text);
    return true;
  }

  /** Closes the socket of a session that has ended. */
  close(session: Session): void {
    this.#bySession.get(session.id)?.socket.close();
  }

  /** Cuts all connections without a closing handshake, as a failing node does. */
  killAll(): void {
    for (const { socket } of this.#bySession.values()) socket.terminate();
  }
}
