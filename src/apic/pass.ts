import { messageOf } from '#errors';
import type { FlatObject } from '#model/aci';
import type { Clock, FabricScope, FabricSink, Logger } from '#ports';
import { ApicSocketError } from './errors.js';
import { type ApicPush, readPush } from './event.js';
import { listScope } from './listing.js';
import type { ApicTls } from './options.js';
import { notOlder } from './replay.js';
import type { ApicReply } from './reply.js';
import type { ApicRequests } from './requests.js';
import type { ApicSession } from './session.js';
import { openSocket } from './socket.js';
import { Subscriptions } from './subscriptions.js';

/** What following the fabric needs, whatever the session. */
export interface PassOptions {
  readonly requests: ApicRequests;
  readonly scopes: readonly FabricScope[];
  readonly sink: FabricSink;
  readonly tls: ApicTls;
  readonly timeoutMs: number;
  readonly refreshTimeoutSeconds: number;
  readonly pageSize: number;
  readonly pingMs: number;
  readonly relistMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

/** Times that everything is listed because deletions came between the pages. */
const MOST_DISTURBED = 3;

/** Called at the turns of a pass. */
export interface PassEvents {
  /** The listing is there: whoever told the sink until now must stop, since `replaced` follows at once. */
  readonly takesOver: () => void;
  /** It ended by itself, with the reason; called at most once and not after `close`. */
  readonly failed: (error: Error) => void;
}

/**
 * One passage of following the fabric with one session: socket, subscriptions, listing, replay, live, until it fails or
 * is closed. Between passes nothing is kept, so that every failure is cured in the same way.
 */
export class Pass {
  readonly #options: PassOptions;
  readonly #session: ApicSession;
  readonly #events: PassEvents;
  readonly #stop = new AbortController();
  readonly #subscriptions: Subscriptions;
  /** Pushes since the listing that is on its way began; undefined when none is on its way. */
  #recorded: ApicPush[] | undefined = [];
  #live = false;

  constructor(options: PassOptions, session: ApicSession, events: PassEvents) {
    this.#options = options;
    this.#session = session;
    this.#events = events;
    const { refreshTimeoutSeconds, clock, random, log } = options;
    this.#subscriptions = new Subscriptions({
      url: session.url,
      refreshTimeoutSeconds,
      clock,
      random,
      log,
      get: (path, about, kind) => this.#get(path, about, kind),
    });
  }

  /** Resolves when the sink has the whole picture and hears of every change. Rejects when that cannot be had. */
  async start(): Promise<void> {
    const { tls, timeoutMs, pingMs, clock, scopes } = this.#options;
    const signal = this.#stop.signal;
    const onText = (text: string): void => this.#take(text);
    const onDead = (error: Error): void => this.#fail(error);
    this.#session.ended.addEventListener('abort', this.#sessionEnded, { once: true });
    try {
      this.#session.ended.throwIfAborted();
      await openSocket({ session: this.#session, tls, timeoutMs, pingMs, clock, onText, onDead }, signal);
      this.#subscriptions.keepAlive(signal).catch((error: unknown) => this.#fail(error));
      await this.#subscriptions.subscribe(scopes);
      await this.#list();
      void this.#relistNowAndThen();
    } catch (error) {
      this.#fail(error);
      throw signal.reason;
    }
  }

  /** Stops; nothing is told any more. */
  close(): void {
    this.#session.ended.removeEventListener('abort', this.#sessionEnded);
    this.#live = false;
    this.#stop.abort(new Error('the pass was closed'));
  }

  /** Aborted when it has ended, by itself or by `close`. */
  get over(): AbortSignal {
    return this.#stop.signal;
  }

  readonly #sessionEnded = (): void => this.#fail(this.#session.ended.reason);

  #fail(reason: unknown): void {
    if (this.#stop.signal.aborted) return;
    const error = reason instanceof Error ? reason : new Error(messageOf(reason));
    this.#session.ended.removeEventListener('abort', this.#sessionEnded);
    this.#live = false;
    this.#stop.abort(error);
    this.#events.failed(error);
  }

  #get(path: string, about: string, kind: 'reads' | 'refreshes'): Promise<ApicReply> {
    return this.#options.requests.pinned(this.#session, { kind, method: 'GET', path, about }, this.#stop.signal);
  }

  #take(text: string): void {
    const push = readPush(text);
    if (push === undefined) {
      this.#fail(new ApicSocketError(this.#session.url, 'the websocket sent something that is not an event'));
      return;
    }
    // While subscribing, a push may come before the answer that tells its subscription's id: kept, and sorted out later.
    this.#recorded?.push(push);
    if (this.#live) this.#tell([push]);
  }

  #tell(pushes: readonly ApicPush[], listed: ReadonlyMap<string, FlatObject> = new Map()): void {
    const ours = pushes.filter(({ subscriptionIds }) => this.#subscriptions.serves(subscriptionIds));
    for (const change of notOlder(
      ours.flatMap(({ changes }) => changes),
      listed,
    )) {
      this.#options.sink.changed(change);
    }
  }

  /** Lists everything and hands it over, then what changed meanwhile. */
  async #list(): Promise<void> {
    const { sink } = this.#options;
    // The first listing finds pushes recorded that came while subscribing.
    this.#recorded ??= [];
    const listed = await this.#listUndisturbed();
    this.#stop.signal.throwIfAborted();
    const recorded = this.#recorded;
    this.#recorded = undefined;
    if (!this.#live) this.#events.takesOver();
    this.#live = true;
    sink.replaced([...listed.values()]);
    this.#tell(recorded ?? [], listed);
  }

  /**
   * All objects by Dn. A deletion while pages are read moves objects to pages that were read already, so that one may be
   * missing though the number is right: then it is read again, a few times, and after that the next listing must do.
   */
  async #listUndisturbed(): Promise<ReadonlyMap<string, FlatObject>> {
    const { scopes, pageSize } = this.#options;
    const get = (path: string, about: string): Promise<ApicReply> => this.#get(path, about, 'reads');
    const listed = new Map<string, FlatObject>();
    for (let tries = 0; tries < MOST_DISTURBED; tries += 1) {
      const deletions = this.#recordedDeletions();
      listed.clear();
      for (const scope of scopes) {
        const objects = await listScope({ url: this.#session.url, pageSize, get }, scope);
        for (const object of objects) listed.set(object.dn, object);
      }
      if (listed.size <= pageSize || this.#recordedDeletions() === deletions) break;
    }
    return listed;
  }

  #recordedDeletions(): number {
    return (this.#recorded ?? []).flatMap(({ changes }) => changes).filter(({ kind }) => kind === 'deleted').length;
  }

  async #relistNowAndThen(): Promise<void> {
    const { relistMs, random, clock, log } = this.#options;
    const signal = this.#stop.signal;
    while (!signal.aborted) {
      try {
        // ±20 %, so that several gateways do not list together.
        await clock.sleep(relistMs * (0.8 + 0.4 * random()), signal);
        await this.#list();
      } catch (error) {
        this.#recorded = undefined;
        if (!signal.aborted) log.warn({ error }, 'the fabric could not be listed anew; the next try follows in time');
      }
    }
  }
}
