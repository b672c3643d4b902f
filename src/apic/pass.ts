import { messageOf } from '#errors';
import type { FlatObject } from '#model/aci';
import type { Clock, FabricScope, FabricSink, Logger, OpenListing } from '#ports';
import type { Authentication } from './authentication.js';
import { ApicSocketError } from './errors.js';
import { type ApicPush, readPush } from './event.js';
import { listObjects } from './listing.js';
import type { Query } from './query.js';
import { RelistTimer } from './relist-timer.js';
import { notOlder } from './replay.js';
import type { ApicReply } from './reply.js';
import type { ApicRequests } from './requests.js';
import type { ApicSession } from './session.js';
import { openSocket } from './socket.js';
import { Subscriptions } from './subscriptions.js';
import type { ApicTls } from './tls.js';
import type { WireFormat } from './wire/wire-format.js';

/** What following the fabric needs, whatever the session. */
export interface PassOptions {
  readonly requests: ApicRequests;
  readonly scopes: readonly FabricScope[];
  readonly sink: FabricSink;
  readonly authentication: Authentication;
  readonly format: WireFormat;
  readonly tls: ApicTls;
  readonly timeoutMs: number;
  readonly refreshTimeoutSeconds: number;
  readonly pageSize: number;
  readonly pingMs: number;
  readonly relistMs: number;
  readonly doubtMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

/** Times that everything is listed because deletions came between the pages. */
const MOST_DISTURBED = 3;

/** A deletion that is told so soon after pages were read may have moved objects between them. */
const LATE_MS = 2000;

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
  readonly #relist: RelistTimer;
  /** Pushes since the listing that is on its way began; undefined when none is on its way. */
  #recorded: ApicPush[] | undefined = [];
  #live = false;
  /** Until when a deletion says that the pages of the last listing may be incomplete. */
  #lateUntil = Number.NEGATIVE_INFINITY;

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
      get: (query, about, kind) => this.#get(query, about, kind),
    });
    this.#relist = new RelistTimer(options);
  }

  /** Resolves when the sink has the whole picture and hears of every change. Rejects when that cannot be had. */
  async start(): Promise<void> {
    const { scopes } = this.#options;
    const session = this.#session;
    const signal = this.#stop.signal;
    const onText = (text: string): void => this.#take(text);
    const onDead = (error: Error): void => this.#fail(error);
    this.#session.ended.addEventListener('abort', this.#sessionEnded, { once: true });
    try {
      this.#session.ended.throwIfAborted();
      await openSocket({ ...this.#options, session, onText, onDead }, signal);
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

  #get(query: Query, about: string, kind: 'reads' | 'refreshes'): Promise<ApicReply> {
    return this.#options.requests.pinned(this.#session, { kind, method: 'GET', ...query, about }, this.#stop.signal);
  }

  #take(text: string): void {
    const push = readPush(this.#options.format, text);
    if (push === undefined) {
      this.#fail(new ApicSocketError(this.#session.url, 'the websocket sent something that is not an event'));
      return;
    }
    // While subscribing, a push may come before the answer that tells its subscription's id: kept, and sorted out later.
    this.#recorded?.push(push);
    if (this.#live) this.#tell([push]);
  }

  /**
   * Tells the sink. A push for a subscription that is not ours, though it came over our socket, a change of an object of
   * which nobody heard before, or a deletion that overtook no page and came right after the last one, says that something
   * may have been missed: then everything is listed anew, soon.
   */
  #tell(pushes: readonly ApicPush[], listed: ReadonlyMap<string, FlatObject> = new Map()): void {
    const { sink, log } = this.#options;
    const ours = pushes.filter(({ subscriptionIds }) => this.#subscriptions.serves(subscriptionIds));
    const changes = notOlder(
      ours.flatMap((push) => push.changes),
      listed,
    );
    let isMissed = ours.length < pushes.length;
    for (const change of changes) {
      if (change.kind === 'deleted' && this.#options.clock.uptime() < this.#lateUntil) isMissed = true;
      if (change.kind === 'modified' && sink.knows?.(change.dn) === false) isMissed = true;
      else sink.changed(change);
    }
    if (isMissed && this.#relist.doubt()) log.info({}, 'an event shows that another was missed; listing anew');
  }

  /** Lists everything and hands it over, then what changed meanwhile. */
  async #list(): Promise<void> {
    const { sink } = this.#options;
    // The first listing finds pushes recorded that came while subscribing.
    this.#recorded ??= [];
    const listing = sink.listing?.();
    try {
      const listed = await this.#listUndisturbed();
      this.#stop.signal.throwIfAborted();
      this.#handOver(listed, listing);
    } finally {
      listing?.end();
    }
  }

  #handOver(listed: ReadonlyMap<string, FlatObject>, listing: OpenListing | undefined): void {
    const { sink } = this.#options;
    const recorded = this.#recorded;
    this.#recorded = undefined;
    if (!this.#live) this.#events.takesOver();
    this.#live = true;
    sink.replaced([...listed.values()], listing);
    this.#tell(recorded ?? [], listed);
    if (listed.size > this.#options.pageSize) this.#lateUntil = this.#options.clock.uptime() + LATE_MS;
  }

  /**
   * All objects by Dn. A deletion while pages are read moves objects to pages that were read already, so that one may be
   * missing though the number is right: then it is read again, a few times. If all of them were disturbed, what any of
   * them saw is taken: what was deleted since has its event among those that follow.
   */
  async #listUndisturbed(): Promise<ReadonlyMap<string, FlatObject>> {
    const seen = new Map<string, FlatObject>();
    for (let tries = 0; tries < MOST_DISTURBED; tries += 1) {
      const deletions = this.#recordedDeletions();
      const listed = await this.#listOnce();
      if (listed.size <= this.#options.pageSize || this.#recordedDeletions() === deletions) return listed;
      for (const [dn, object] of listed) seen.set(dn, object);
    }
    return seen;
  }

  async #listOnce(): Promise<ReadonlyMap<string, FlatObject>> {
    const { scopes, pageSize } = this.#options;
    const get = (query: Query, about: string): Promise<ApicReply> => this.#get(query, about, 'reads');
    const listed = new Map<string, FlatObject>();
    for (const scope of scopes) {
      const objects = await listObjects({ url: this.#session.url, pageSize, get }, scope);
      for (const object of objects) listed.set(object.dn, object);
    }
    return listed;
  }

  #recordedDeletions(): number {
    return (this.#recorded ?? []).flatMap(({ changes }) => changes).filter(({ kind }) => kind === 'deleted').length;
  }

  async #relistNowAndThen(): Promise<void> {
    const { log } = this.#options;
    const signal = this.#stop.signal;
    while (!signal.aborted) {
      try {
        await this.#relist.due(signal);
        await this.#list();
      } catch (error) {
        this.#recorded = undefined;
        if (signal.aborted) return;
        this.#relist.doubt();
        log.warn({ error }, 'the fabric could not be listed anew; the next try follows soon');
      }
    }
  }
}
