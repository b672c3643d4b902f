import { WebSocket } from 'ws';
import { GatewayError } from '#errors';
import type { Clock } from '#ports';
import type { Authentication } from './authentication.js';
import { connectLimitMs } from './connect-limit.js';
import { ApicSocketError } from './errors.js';
import { networkError } from './network-error.js';
import type { ApicSession } from './session.js';
import { type ApicTls, httpsAgent } from './tls.js';

/** What {@link openSocket} needs. */
export interface SocketOptions {
  readonly session: ApicSession;
  readonly authentication: Pick<Authentication, 'socketCookie'>;
  readonly tls: ApicTls;
  readonly timeoutMs: number;
  readonly pingMs: number;
  readonly clock: Clock;
  /** Takes each text frame, in order. */
  readonly onText: (text: string) => void;
  /** Called once when an open socket ended for another reason than the signal. */
  readonly onDead: (error: GatewayError) => void;
}

/**
 * Opens the session's websocket and keeps watch over it until the signal is aborted, which closes it. Resolves when it
 * is open. The token stands in the URL, so that no error here may show the URL.
 */
export async function openSocket(options: SocketOptions, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { session } = options;
  const socket = connect(options);
  const ended = new AbortController();
  const close = (): void => {
    ended.abort(signal.reason);
    socket.terminate();
  };
  signal.addEventListener('abort', close, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', close));
  await opened(socket, options, signal);

  const die = (error: GatewayError): void => {
    if (ended.signal.aborted) return;
    ended.abort(error);
    socket.terminate();
    options.onDead(error);
  };
  socket.on('message', (data, isBinary) => {
    if (!isBinary && !ended.signal.aborted) options.onText(textOf(data));
  });
  socket.on('error', (error) => die(networkError(session.url, error)));
  socket.on('close', (code) => die(new ApicSocketError(session.url, `the websocket was closed (code ${code})`)));
  if (socket.readyState !== WebSocket.OPEN) {
    die(new ApicSocketError(session.url, 'the websocket was closed as soon as it was open'));
    return;
  }
  void keepWatch(socket, options, ended.signal).then(die, () => undefined);
}

/** Frames are one event; more than this is not an APIC. */
const LARGEST_FRAME_BYTES = 64 * 1024 * 1024;

function connect({ session, authentication, tls, timeoutMs }: SocketOptions): WebSocket {
  const target = new URL(`${session.url.replace(/^http/, 'ws')}/socket${session.token}`);
  const cookie = authentication.socketCookie(target.pathname, session.token);
  return new WebSocket(target, {
    ...(target.protocol === 'wss:'
      ? { agent: httpsAgent(tls, { keepAlive: false, connectMs: connectLimitMs(timeoutMs) }) }
      : {}),
    ...(cookie === undefined ? {} : { headers: { Cookie: cookie } }),
    handshakeTimeout: timeoutMs,
    maxPayload: LARGEST_FRAME_BYTES,
    perMessageDeflate: false,
    followRedirects: false,
  });
}

/** The library's time limit begins when it has a connection; until then that of the agent holds. */
function opened(socket: WebSocket, { session: { url } }: SocketOptions, signal: AbortSignal): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const fail = (error: unknown): void => {
      socket.terminate();
      reject(signal.aborted && signal.reason instanceof Error ? signal.reason : asSocketError(url, error));
    };
    socket.once('open', () => {
      socket.off('error', fail);
      resolve();
    });
    // Terminating a socket that is still connecting raises an error after the first one.
    socket.on('error', () => undefined);
    socket.once('error', fail);
    socket.once('unexpected-response', (_, response) => {
      response.resume();
      fail(new ApicSocketError(url, `the websocket was refused (HTTP ${response.statusCode})`));
    });
  });
}

const asSocketError = (url: string, error: unknown): GatewayError =>
  error instanceof GatewayError ? error : networkError(url, error);

/**
 * Pings until a ping is not answered in time; resolves with the error then. Whether every release of the APIC answers
 * pings is not known, so silence counts only after a first answer; until then TCP keep-alive and the refreshes of the
 * subscriptions must do.
 */
async function keepWatch(socket: WebSocket, options: SocketOptions, signal: AbortSignal): Promise<GatewayError> {
  const seen = { anyPong: false, sign: true };
  socket.on('pong', () => Object.assign(seen, { anyPong: true, sign: true }));
  socket.on('message', () => Object.assign(seen, { sign: true }));
  while (seen.sign || !seen.anyPong) {
    seen.sign = false;
    socket.ping();
    await options.clock.sleep(options.pingMs, signal);
  }
  return new ApicSocketError(options.session.url, `the websocket did not answer a ping within ${options.pingMs} ms`);
}

function textOf(data: WebSocket.RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}
