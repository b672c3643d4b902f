import { WebSocket } from 'ws';
import type { Session } from '../session/index.js';

/** The open websocket of each session: there is one a session, the last opened (apic-protocol.md §5.1). */
export class Sockets {
  readonly #bySession = new Map<string, WebSocket>();

  /** Takes over a new socket. An earlier one of the same session is closed. */
  open(session: Session, socket: WebSocket): void {
    this.#bySession.get(session.id)?.close();
    this.#bySession.set(session.id, socket);
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      if (this.#bySession.get(session.id) === socket) this.#bySession.delete(session.id);
    });
  }

  isOpen(session: Session): boolean {
    return this.#bySession.get(session.id)?.readyState === WebSocket.OPEN;
  }

  /** Sends a text frame, if anybody listens: what is missed is never sent again. */
  send(session: Session, text: string): boolean {
    const socket = this.#bySession.get(session.id);
    if (socket === undefined || socket.readyState !== WebSocket.OPEN) return false;
    socket.send(text);
    return true;
  }

  /** Closes the socket of a session that has ended. */
  close(session: Session): void {
    this.#bySession.get(session.id)?.close();
  }

  /** Cuts all connections without a closing handshake, as a failing node does. */
  killAll(): void {
    for (const socket of this.#bySession.values()) socket.terminate();
  }
}
