import type { ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { FastifyInstance } from 'fastify';
import type { GatewayState, SyncState } from '#ports';

/** Milliseconds in which changes are collected into one look at what is different. */
const COLLECT_MS = 100;
/** A look takes at most the tenth part of the time: of a large cluster it takes long, and blocks everything else. */
const PAUSE = 10;
/** A comment now and then keeps proxies from closing a quiet stream. */
const QUIET_MS = 15_000;
/** Who does not read loses the stream and comes again: what it missed is in the first events of the next one. */
const MOST_BUFFERED_BYTES = 1024 * 1024;

/** What is streamed, by the name of the event. */
interface StreamedParts {
  readonly status: unknown;
  readonly open: unknown;
  readonly findings: unknown;
}

/**
 * Serves `/api/v1/events` as server-sent events (WHATWG HTML, section 9.2): `status`, `open` and `findings`, each whole, once at
 * the beginning and again whenever it is different. So a client that comes late or again has missed nothing.
 */
export function serveEvents(server: FastifyInstance, state: GatewayState, sync: SyncState): void {
  const streams = new Set<EventStream>();
  server.addHook('preClose', (done) => {
    for (const stream of streams) stream.end();
    done();
  });
  server.get('/api/v1/events', (request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      connection: 'keep-alive',
      'x-accel-buffering': 'no',
    });
    const stream = new EventStream(reply.raw, () => ({
      status: state.status(),
      open: sync.open(),
      findings: state.findings(),
    }));
    streams.add(stream);
    const forget = sync.watch(() => stream.soon());
    request.raw.once('close', () => {
      forget();
      stream.end();
      streams.delete(stream);
    });
  });
}

/** One client's stream. */
class EventStream {
  readonly #response: ServerResponse;
  readonly #read: () => StreamedParts;
  readonly #sent = new Map<string, string>();
  readonly #quiet: NodeJS.Timeout;
  #timer: NodeJS.Timeout | undefined;
  #collectMs = COLLECT_MS;

  constructor(response: ServerResponse, read: () => StreamedParts) {
    this.#response = response;
    this.#read = read;
    this.#quiet = setInterval(() => this.#isRead() && this.#response.write(':\n\n'), QUIET_MS);
    this.#send();
  }

  /** Sends what is different, after the changes of a moment were collected. */
  soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const began = performance.now();
      this.#send();
      this.#collectMs = Math.max(COLLECT_MS, (performance.now() - began) * PAUSE);
    }, this.#collectMs);
  }

  end(): void {
    clearInterval(this.#quiet);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#response.end();
  }

  #send(): void {
    if (!this.#isRead()) return;
    for (const [name, value] of Object.entries(this.#read())) {
      const text = JSON.stringify(value);
      if (this.#sent.get(name) === text) continue;
      this.#sent.set(name, text);
      this.#response.write(`event: ${name}\ndata: ${text}\n\n`);
    }
  }

  /** Whether what was sent before is being read; a single event may be large: of a fabric that was never synced all is open. */
  #isRead(): boolean {
    if (this.#response.writableEnded || this.#response.destroyed) return false;
    if (this.#response.writableLength <= MOST_BUFFERED_BYTES) return true;
    this.#response.destroy();
    return false;
  }
}
