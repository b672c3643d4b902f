import type { ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { FastifyInstance } from 'fastify';
import { messageOf } from '#errors';
import type { GatewayState, Logger, SyncState } from '#ports';

/** Milliseconds in which changes are collected into one look at what is different. */
const COLLECT_MS = 100;
/** Looks take at most the tenth part of the time: of a large cluster one takes long, and blocks everything else. */
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
  const looks = new SharedLooks(parts, new StreamTrouble(log));
  server.addHook('preClose', (done) => {
    looks.end();
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
    const stream = new EventStream(reply.raw, { quietMs, drained: () => looks.soon() });
    looks.add(stream);
    const forget = sync.watch(() => looks.soon());
    request.raw.once('close', () => {
      forget();
      stream.end();
      looks.delete(stream);
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

/** Looks at what is streamed, once for all streams: however many clients there are, it costs the same. */
class SharedLooks {
  readonly #parts: StreamedParts;
  readonly #trouble: StreamTrouble;
  readonly #streams = new Set<EventStream>();
  #timer: NodeJS.Timeout | undefined;
  #collectMs = COLLECT_MS;

  constructor(parts: StreamedParts, trouble: StreamTrouble) {
    this.#parts = parts;
    this.#trouble = trouble;
  }

  /** Tells a new stream everything, and what is different from then on. */
  add(stream: EventStream): void {
    this.#streams.add(stream);
    this.#look([stream]);
  }

  delete(stream: EventStream): void {
    this.#streams.delete(stream);
  }

  /** Sends what is different, after the changes of a moment were collected. */
  soon(): void {
    if (this.#streams.size === 0) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const began = performance.now();
      this.#look([...this.#streams]);
      this.#collectMs = Math.max(COLLECT_MS, (performance.now() - began) * PAUSE);
    }, this.#collectMs);
  }

  end(): void {
    clearTimeout(this.#timer);
    for (const stream of this.#streams) stream.end();
  }

  /** Streams of what cannot be read end, as a request for it would: whoever comes again may have more luck. */
  #look(streams: readonly EventStream[]): void {
    const ready = streams.filter(({ isReady }) => isReady);
    if (ready.length === 0) return;
    for (const [event, read] of Object.entries(this.#parts)) {
      const text = this.#textOf(event, read);
      for (const stream of ready) {
        if (text === undefined) stream.end();
        else stream.send(event, text);
      }
      if (text === undefined) return;
    }
    this.#trouble.over();
  }

  #textOf(event: string, read: () => unknown): string | undefined {
    try {
      return JSON.stringify(read());
    } catch (error) {
      this.#trouble.ended(event, error);
      return undefined;
    }
  }
}

/** What a stream needs beside its client. */
interface StreamNeeds {
  readonly quietMs: number;
  /** Called when the client has read what was on its way. */
  readonly drained: () => void;
}

/** One client's stream. */
class EventStream {
  readonly #response: ServerResponse;
  readonly #sent = new Map<string, string>();
  readonly #quiet: NodeJS.Timeout;
  /** Bytes that had left at the last sign of life. */
  #leftBefore = -1;

  constructor(response: ServerResponse, { quietMs, drained }: StreamNeeds) {
    this.#response = response;
    this.#quiet = setInterval(() => this.#keepAlive(), quietMs);
    response.on('drain', drained);
  }

  /** Whether something may be sent now. */
  get isReady(): boolean {
    return !this.#response.writableEnded && !this.#response.destroyed && !this.#isFull;
  }

  /** Sends an event, unless it says what the last one of its name did. */
  send(event: string, text: string): void {
    if (this.#sent.get(event) === text) return;
    this.#sent.set(event, text);
    this.#response.write(`event: ${event}\ndata: ${text}\n\n`);
  }

  end(): void {
    clearInterval(this.#quiet);
    this.#response.end();
  }

  /** A stream whose client reads nothing ends; it comes again, and what it missed is in the first events of the next one. */
  #keepAlive(): void {
    const left = this.#response.socket?.bytesWritten ?? 0;
    if (!this.#isFull) this.#response.write(':\n\n');
    else if (left === this.#leftBefore) this.#response.destroy();
    this.#leftBefore = left;
  }

  get #isFull(): boolean {
    return this.#response.writableLength > MOST_BUFFERED_BYTES;
  }
}
