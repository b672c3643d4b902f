import { GatewayError, messageOf } from '#errors';
import { fieldAt, numberAt, textAt } from '#model/kubernetes';
import { type Clock, type ClusterEvent, type ClusterEvents, type Logger, WRITE_ERRORS } from '#ports';
import { connectTo } from './connect.js';
import { KubernetesStatusError } from './errors.js';
import { eventKey, eventObject, eventPlace, eventRepeated, type Occurrences } from './event-object.js';
import { type NamedObject, objectPath, readObjectName } from './object-path.js';
import type { ClusterTarget } from './target.js';
import type { KubernetesTransport } from './transport.js';

/** What {@link eventWriter} needs. */
export interface EventWriterOptions {
  readonly target: ClusterTarget;
  readonly clock: Clock;
  readonly log: Logger;
  /** Rates that differ from the usual ones. */
  readonly rates?: Partial<EventRates>;
}

/** How much is told; see {@link EVENT_RATES}. */
export interface EventRates {
  /** Events that may be written one after another without a pause. */
  readonly burst: number;
  /** Milliseconds after which one more may be written. */
  readonly everyMs: number;
  /** Milliseconds for which repetitions of one event are only counted before they are told. */
  readonly repeatMs: number;
  /** Different events that wait at a time; what comes then is forgotten. */
  readonly waiting: number;
}

/** The usual rates: an API server takes far more, but nobody reads more. */
export const EVENT_RATES: EventRates = { burst: 50, everyMs: 200, repeatMs: 10_000, waiting: 1000 };

/** Events that end: what is still waiting is forgotten. */
export interface ClosableClusterEvents extends ClusterEvents {
  close(): Promise<void>;
}

/** Tells events as objects of `v1`: `kubectl describe` and `kubectl get events` show them. Best effort. */
export const eventWriter = (options: EventWriterOptions): ClosableClusterEvents =>
  new EventWriter(connectTo(options.target), options);

interface Waiting {
  readonly event: ClusterEvent;
  readonly about: NamedObject;
  readonly notBefore: number;
  readonly since: Occurrences;
}

const TIMEOUT_MS = 10_000;
/** Events whose last telling is remembered. */
const REMEMBERED = 5000;
const EVENTS = { path: '/api/v1/events', apiVersion: 'v1', kind: 'Event' } as const;

class EventWriter implements ClosableClusterEvents {
  readonly #transport: KubernetesTransport;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #rates: EventRates;
  readonly #waiting = new Map<string, Waiting>();
  /** When each event was told last. */
  readonly #told = new Map<string, number>();
  readonly #stopping = new AbortController();
  /** Reasons why events could not be told, each logged once until one could be. */
  readonly #troubles = new Set<string>();
  #budget: number;
  #budgetAt: number;
  #work: Promise<void> | undefined;
  /** Ends the sleep until something is due: what came since may be due at once. */
  #wake: () => void = () => undefined;

  constructor(transport: KubernetesTransport, { clock, log, rates }: EventWriterOptions) {
    this.#transport = transport;
    this.#clock = clock;
    this.#log = log;
    this.#rates = { ...EVENT_RATES, ...rates };
    this.#budget = this.#rates.burst;
    this.#budgetAt = clock.uptime();
  }

  tell(event: ClusterEvent): void {
    const about = readObjectName(event.object);
    if (about === undefined || this.#stopping.signal.aborted) {
      this.#log.debug({ ...event }, 'an event about something that is no object of Kubernetes is not told');
      return;
    }
    const key = eventKey(event);
    // Events say when something happened by the clock that people set; what is written when is up to the other one.
    const now = this.#clock.now();
    const known = this.#waiting.get(key);
    if (known !== undefined) {
      const since = { ...known.since, count: known.since.count + 1, last: now };
      this.#waiting.set(key, { ...known, since });
      return;
    }
    if (this.#waiting.size >= this.#rates.waiting) {
      this.#trouble('too many events wait to be told; some are forgotten');
      return;
    }
    const last = this.#told.get(key);
    const notBefore = last === undefined ? this.#clock.uptime() : last + this.#rates.repeatMs;
    this.#waiting.set(key, { event, about, notBefore, since: { count: 1, first: now, last: now } });
    this.#wake();
    this.#work ??= this.#drain();
  }

  async close(): Promise<void> {
    this.#stopping.abort(new Error('the gateway is stopping'));
    this.#wake();
    await this.#work;
    this.#transport.close();
  }

  /** Tells what waits, one after another, until nothing does. Never rejects. */
  async #drain(): Promise<void> {
    const { signal } = this.#stopping;
    while (this.#waiting.size > 0 && !signal.aborted) {
      const pauseMs = Math.max(this.#untilDue(), this.#untilAllowed());
      if (pauseMs > 0) {
        await this.#sleep(pauseMs);
        continue;
      }
      const [key, next] = this.#takeDue();
      if (key === undefined || next === undefined) continue;
      this.#budget -= 1;
      await this.#tellOne(key, next);
    }
    // At once after the last look at what waits, not when somebody hears that this has ended: what comes later begins anew.
    this.#work = undefined;
  }

  async #sleep(milliseconds: number): Promise<void> {
    const awake = new AbortController();
    this.#wake = () => awake.abort(new Error('something else is to be told'));
    await this.#clock.sleep(milliseconds, awake.signal).catch(() => undefined);
    this.#wake = () => undefined;
  }

  #untilDue(): number {
    const now = this.#clock.uptime();
    let least = Number.POSITIVE_INFINITY;
    for (const { notBefore } of this.#waiting.values()) least = Math.min(least, notBefore - now);
    return least;
  }

  /** Milliseconds until one more event may be written (a token bucket). */
  #untilAllowed(): number {
    const { burst, everyMs } = this.#rates;
    const now = this.#clock.uptime();
    this.#budget = Math.min(burst, this.#budget + (now - this.#budgetAt) / everyMs);
    this.#budgetAt = now;
    return this.#budget >= 1 ? 0 : (1 - this.#budget) * everyMs;
  }

  #takeDue(): readonly [string?, Waiting?] {
    const now = this.#clock.uptime();
    for (const [key, waiting] of this.#waiting) {
      if (waiting.notBefore > now) continue;
      this.#waiting.delete(key);
      return [key, waiting];
    }
    return [];
  }

  async #tellOne(key: string, waiting: Waiting): Promise<void> {
    try {
      await this.#write(waiting);
      this.#troubles.clear();
      this.#remember(key);
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#trouble(messageOf(error));
    }
  }

  #remember(key: string): void {
    this.#told.delete(key);
    this.#told.set(key, this.#clock.uptime());
    const [oldest] = this.#told.keys();
    if (this.#told.size > REMEMBERED && oldest !== undefined) this.#told.delete(oldest);
  }

  /** Makes the event, or counts up the one that is there. */
  async #write({ event, about, since }: Waiting): Promise<void> {
    const { signal } = this.#stopping;
    const uid = await this.#uidOf(about);
    // Whom it was about is gone: nobody would find the event.
    if (uid === undefined) return;
    const { namespace, name } = eventPlace(event, about, uid);
    const path = objectPath(EVENTS, namespace, name);
    const body = eventObject(event, about, uid, since);
    try {
      const collection = path.slice(0, path.lastIndexOf('/'));
      await this.#transport.write({ method: 'POST', path: collection, body, timeoutMs: TIMEOUT_MS }, signal);
    } catch (error) {
      const isThere = error instanceof GatewayError && error.code === WRITE_ERRORS.conflict;
      if (!isThere) throw error;
      await this.#countUp(path, since, signal);
    }
  }

  async #countUp(path: string, { count, last }: Occurrences, signal: AbortSignal): Promise<void> {
    const found: unknown = JSON.parse(await this.#transport.text(path, TIMEOUT_MS, signal));
    const body = eventRepeated((numberAt(found, 'count') ?? 1) + count, last);
    const contentType = 'application/merge-patch+json';
    await this.#transport.write({ method: 'PATCH', path, contentType, body, timeoutMs: TIMEOUT_MS }, signal);
  }

  /** The uid of the object; undefined when it is not there. */
  async #uidOf({ kind, namespace, name }: NamedObject): Promise<string | undefined> {
    try {
      const path = objectPath(kind, namespace, name);
      const found: unknown = JSON.parse(await this.#transport.text(path, TIMEOUT_MS, this.#stopping.signal));
      return textAt(fieldAt(found, 'metadata'), 'uid');
    } catch (error) {
      if (error instanceof KubernetesStatusError && error.status === 404) return undefined;
      throw error;
    }
  }

  #trouble(reason: string): void {
    if (this.#troubles.has(reason)) return;
    this.#troubles.add(reason);
    this.#log.warn({ reason }, 'an event could not be told to Kubernetes');
  }
}
