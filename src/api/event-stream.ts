import type { ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { FastifyInstance } from 'fastify';
import { messageOf } from '#errors';
import type { GatewayState, Logger, SyncState } from '#ports';

/** Milliseconds in which changes are collected into one look at what is different. */
const COLLECT_MS = 100;
/** A look takes at most the tenth part of the time: of a large cluster it takes long, and blocks everything else. */
const PAUSE = 10;
/** A comment now and then keeps proxies from closing a quiet stream. */
const QUIET_MS = 15_000;
/** With more than that on its way nothing further is sent: what is different by then follows when it was read. */
const MOST_BUFFERED_BYTES = 1024 * 1024;

/** How each part of what is streamed is read, by the name of its event. */
interface StreamedParts {
  readonly status: () => unknown;
  readonly open: () => unknown;
  readonly findings: () => unknown;
}

/**
 * Serves `/api/v1/events` as server-sent events (WHATWG HTML, section 9.2): `status`, `open` and `findings`, each whole, once at
 * the beginning and again whenever it is different. So a client that comes late or again has missed nothing. Where a part cannot
 * be read the streams end, and the log says once which one and why.
 */
export function serveEvents(server: FastifyInstance, { state, sync, log, quietMs = QUIET_MS }: StreamSources): void {
  const parts: StreamedParts = {
    status: () => state.status(),
    open: () => sync.open(),
    findings: () => state.findings(),
  };
  const trouble = new StreamTrouble(log);
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
    const stream = new EventStream(reply.raw, { parts, trouble, quietMs });
    streams.add(stream);
    const forget = sync.watch(() => stream.soon());
    request.raw.once('close', () => {
      forget();
      stream.end();
      streams.delete(stream);
    });
  });
}

/** What streams are made of. */
interface StreamSources {
  readonly state: GatewayState;
  readonly sync: SyncState;
  readonly log: Logger;
  /** Milliseconds between two signs of life. */
  readonly quietMs?: number | undefined;
}

/** What ends streams, said once: clients come again every few seconds, and meet the same. */
class StreamTrouble {
  readonly #log: Logger;
  #said: string | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** A part cannot be read. Only the error's code and message are written, as the logger does with every error. */
  ended(event: string, error: unknown): void {
    const reason = `${event}: ${messageOf(error)}`;
    if (reason === this.#said) return;
    this.#said = reason;
    this.#log.error({ event, error }, 'streams of /api/v1/events end: what they tell cannot be read');
  }

  /** All parts could be read. */
  over(): void {
    if (this.#said === undefined) return;
    this.#said = undefined;
    this.#log.info({}, 'what streams of /api/v1/events tell can be read again');
  }
}

/** What a stream needs beside its client. */
interface StreamNeeds {
  readonly parts: StreamedParts;
  readonly trouble: StreamTrouble;
  readonly quietMs: number;
}

/** One client's stream. */
class EventStream {
  readonly #response: ServerResponse;
  readonly #parts: StreamedParts;
  readonly #trouble: StreamTrouble;
  readonly #sent = new Map<string, string>();
  readonly #quiet: NodeJS.Timeout;
  #timer: NodeJS.Timeout | undefined;
  #collectMs = COLLECT_MS;
  /** Bytes that had left at the last sign of life. */
  #leftBefore = -1;

  constructor(response: ServerResponse, { parts, trouble, quietMs }: StreamNeeds) {
    this.#response = response;
    this.#parts = parts;
    this.#trouble = trouble;
    this.#quiet = setInterval(() => this.#keepAlive(), quietMs);
    response.on('drain', () => this.soon());
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

  /** A stream whose client reads nothing ends; it comes again, and what it missed is in the first events of the next one. */
  #keepAlive(): void {
    const left = this.#response.socket?.bytesWritten ?? 0;
    if (!this.#isFull) this.#response.write(':\n\n');
    else if (left === this.#leftBefore) this.#response.destroy();
    this.#leftBefore = left;
  }

  /** A stream of what cannot be read ends, as a request for it would: whoever comes again may have more luck. */
  #send(): void {
    if (this.#response.writableEnded || this.#response.destroyed || this.#isFull) return;
    for (const [event, read] of Object.entries(this.#parts)) {
      try {
        this.#sendDifferent(event, JSON.stringify(read()));
      } catch (error) {
        this.#trouble.ended(event, error);
        this.end();
        return;
      }
    }
    this.#trouble.over();
  }

  #sendDifferent(event: string, text: string): void {
    if (this.#sent.get(event) === text) return;
    this.#sent.set(event, text);
    this.#response.write(`event: ${event}\ndata: ${text}\n\n`);
  }

  get #isFull(): boolean {
    return this.#response.writableLength > MOST_BUFFERED_BYTES;
  }
}
