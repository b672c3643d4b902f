import type { Duplex } from 'node:stream';

/** The most that a connection may take: three lost SYNs (RFC 6298: after 1, 2 and 4 s) are made up for by then. */
const LONGEST_CONNECT_MS = 10_000;
/** Share of a request's time limit that its connection may take, so that it ends before the request is called slow. */
const SHARE_OF_REQUEST = 0.5;

/** Milliseconds that a connection may take when a request may take so many. */
export const connectLimitMs = (timeoutMs: number): number => Math.min(LONGEST_CONNECT_MS, timeoutMs * SHARE_OF_REQUEST);

/**
 * Destroys a socket with ETIMEDOUT that does not raise the event in time: `connect` of TCP, `secureConnect` of TLS. The limit of a
 * request does not tell an APIC that drops every packet from one that is slow, and only of the former another one is to take over.
 */
export function limitConnecting<S extends Duplex>(socket: S, event: 'connect' | 'secureConnect', limitMs: number): S {
  const late = (): Error => Object.assign(new Error(`no connection within ${limitMs} ms`), { code: 'ETIMEDOUT' });
  const timer = setTimeout(() => socket.destroy(late()), limitMs);
  const done = (): void => clearTimeout(timer);
  socket.once(event, done);
  socket.once('close', done);
  return socket;
}
