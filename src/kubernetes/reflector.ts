import { GatewayError, messageOf } from '#errors';
import type { Clock, ClusterSink, Logger, WatchedResource } from '#ports';
import { backoffMs, withSignals } from '#runtime';
import { KubernetesExpiredError, KubernetesStatusError, KubernetesStreamError } from './errors.js';
import { linesOf } from './lines.js';
import { currentVersion, listAll } from './list.js';
import { RESOURCE_SPECS, type ResourceSpec } from './resource.js';
import { isOlder } from './resource-version.js';
import type { KubernetesTransport } from './transport.js';
import { readWatchLine } from './watch-event.js';

/** Times and sizes of a reflector; see {@link REFLECTOR_TIMING} for the usual ones. */
export interface ReflectorTiming {
  readonly pageSize: number;
  readonly listTimeoutMs: number;
  /** The server is asked to end a watch after a random time between one and two of these, so that load spreads. */
  readonly watchSeconds: number;
  /** A watch without a byte for so long is begun again; bookmarks come about once a minute. */
  readonly inactivityMs: number;
  readonly backoffBaseMs: number;
  readonly backoffMaxMs: number;
  /** A resource that the server does not have is asked for again after so long. */
  readonly absentMs: number;
  /** After an interruption a watch counts as going on when it was not refused for so long: an expiry is told in the stream. */
  readonly resumeMs: number;
}

/** client-go's numbers where it has them (ecosystem.md §2.6). */
export const REFLECTOR_TIMING: ReflectorTiming = {
  pageSize: 500,
  listTimeoutMs: 60_000,
  watchSeconds: 300,
  inactivityMs: 90_000,
  backoffBaseMs: 800,
  backoffMaxMs: 30_000,
  absentMs: 30_000,
  resumeMs: 500,
};

/** A watch that stood this long works, even when it had nothing to say. */
const STEADY_MS = 10_000;
const MOST_REFUSALS = 3;
/** What a server says to a version that it has not come to: its store is another one, or was restored (apiserver/pkg/storage/errors.go). */
const TOO_LARGE = /Too large resource version/i;

/** What {@link Reflector} needs. */
export interface ReflectorOptions {
  readonly transport: KubernetesTransport;
  readonly resource: WatchedResource;
  readonly sink: ClusterSink;
  /** Called when the server's store turns out to be of an earlier time, before that is told: what else is known of it is void. */
  readonly restored: () => void;
  readonly timing: ReflectorTiming;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Tells a sink what one resource holds and how it changes: list, watch from there, and list again when it must. */
export class Reflector {
  readonly #options: ReflectorOptions;
  readonly #spec: ResourceSpec;
  /** Where the next watch goes on from; undefined when only a list can tell. */
  #version: string | undefined;
  /** Failures since a watch worked. A list alone is no sign: when every watch fails, lists must not follow one another. */
  #failures = 0;
  /** The last watch ended by an expiry, and none has worked since. */
  #expired = false;
  #trouble: string | undefined;
  /** The server does not have the resource, and the sink knows. */
  #absent = false;
  /** The last version that was seen. Kept when only a list can tell: that the list is older shows that the store was restored. */
  #seen: string | undefined;
  /** The sink knows that changes are not known. */
  #interrupted = false;
  /** Ends what is being done, to list anew. */
  #turn = new AbortController();

  constructor(options: ReflectorOptions) {
    this.#options = options;
    this.#spec = RESOURCE_SPECS[options.resource];
  }

  get resource(): WatchedResource {
    return this.#options.resource;
  }

  /** Resolves when the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#turn = new AbortController();
      await withSignals([signal, this.#turn.signal], (either) => this.#step(either));
    }
  }

  /** Forgets where it was, and lists at once. */
  listAnew(): void {
    this.#version = undefined;
    this.#seen = undefined;
    this.#interrupt();
    this.#turn.abort(new Error('the resource is listed anew'));
  }

  async #step(signal: AbortSignal): Promise<void> {
    try {
      if (this.#version !== undefined && this.#interrupted) await this.#checkVersion(this.#version, signal);
      if (this.#version === undefined) this.#version = await this.#list(signal);
      else if (!(await this.#watch(this.#version, signal))) await this.#pause(undefined, signal);
    } catch (error) {
      if (!signal.aborted) await this.#recover(error, signal);
    }
  }

  /**
   * An API server takes a watch from a version that its restored store has not come to, and says nothing until then. So a watch that
   * was interrupted does not go on from a version that is newer than what a list says.
   */
  async #checkVersion(version: string, signal: AbortSignal): Promise<void> {
    const { transport, timing } = this.#options;
    const read = (path: string): Promise<string> => transport.text(path, timing.listTimeoutMs, signal);
    if (isOlder(await currentVersion(read, this.#spec), version)) this.#version = undefined;
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { transport, timing, sink, resource, log } = this.#options;
    const read = (path: string): Promise<string> => transport.text(path, timing.listTimeoutMs, signal);
    const { objects, resourceVersion } = await listAll(read, this.#spec, timing.pageSize);
    signal.throwIfAborted();
    this.#absent = false;
    log.debug({ resource, objects: objects.length, resourceVersion }, 'a resource was listed');
    this.#lookBack(resourceVersion);
    sink.replaced(resource, objects);
    this.#resume();
    this.#clearTrouble();
    return resourceVersion;
  }

  /** A list is of now: one that is older than what was seen before is of a store that was restored. */
  #lookBack(listed: string): void {
    const { resource, log, restored } = this.#options;
    const seen = this.#seen;
    this.#seen = listed;
    if (seen === undefined || !isOlder(listed, seen)) return;
    log.warn({ resource, listed, seen }, 'the API server is back at an earlier time; all resources are listed anew');
    this.#interrupt();
    restored();
  }

  /** Watches until the server closes, or says nothing for too long. False when it closed without having said anything. */
  async #watch(from: string, signal: AbortSignal): Promise<boolean> {
    const { transport, timing, sink, resource, clock } = this.#options;
    const began = clock.uptime();
    const stream = await transport.stream(this.#watchPath(from), timing.inactivityMs, signal);
    const stop = (): void => void stream.destroy(new Error('the watch was stopped'));
    signal.addEventListener('abort', stop, { once: true });
    const watched = new AbortController();
    let events = 0;
    this.#clearTrouble();
    this.#resumeLater(watched.signal);
    try {
      for await (const line of linesOf(stream, { path: this.#spec.path, inactivityMs: timing.inactivityMs })) {
        signal.throwIfAborted();
        const event = readWatchLine(line, this.#spec);
        if (event.type !== 'bookmark') sink[event.type](resource, event.object);
        this.#version = event.resourceVersion;
        this.#seen = event.resourceVersion;
        events += 1;
        this.#resume();
        this.#workedWell();
      }
    } finally {
      watched.abort();
      signal.removeEventListener('abort', stop);
      if (clock.uptime() - began >= STEADY_MS) this.#workedWell();
    }
    return events > 0 || clock.uptime() - began >= timing.backoffBaseMs;
  }

  #watchPath(from: string): string {
    const { timing, random } = this.#options;
    const seconds = Math.round(timing.watchSeconds * (1 + random()));
    return `${this.#spec.path}?watch=true&allowWatchBookmarks=true&resourceVersion=${encodeURIComponent(from)}&timeoutSeconds=${seconds}`;
  }

  /** The resource is not there: its objects are none until it is, and that is no trouble. */
  async #doWithout(signal: AbortSignal): Promise<void> {
    const { resource, sink, log, clock, timing } = this.#options;
    this.#version = undefined;
    this.#seen = undefined;
    this.#clearTrouble();
    if (!this.#absent) {
      this.#absent = true;
      log.info({ resource }, 'the cluster does not have the resource; asking again from time to time');
      sink.replaced(resource, []);
    }
    this.#resume();
    await clock.sleep(timing.absentMs, signal).catch(() => undefined);
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const { resource, log } = this.#options;
    if (this.#spec.optional === true && error instanceof KubernetesStatusError && error.status === 404) {
      await this.#doWithout(signal);
      return;
    }
    this.#interrupt();
    if (error instanceof KubernetesExpiredError) {
      log.info({ resource, error }, 'the watch expired; listing anew');
      this.#version = undefined;
      // Expiry is ordinary and cured at once, above all after an outage; a second one with nothing between is not.
      if (!this.#expired) {
        this.#expired = true;
        return;
      }
    } else {
      if (this.#needsList(error)) this.#version = undefined;
      log.debug({ resource, error }, 'a resource cannot be watched now');
      this.#report(messageOf(error));
    }
    await this.#pause(error, signal);
  }

  /**
   * After a line that could not be read, or an error of our own, a change may be missing. A version that the server
   * refuses again and again may be one of before the restore of a backup.
   */
  #needsList(error: unknown): boolean {
    if (error instanceof KubernetesStreamError || !(error instanceof GatewayError)) return true;
    if (!(error instanceof KubernetesStatusError)) return false;
    return this.#failures >= MOST_REFUSALS || TOO_LARGE.test(error.message);
  }

  async #pause(failure: unknown, signal: AbortSignal): Promise<void> {
    const { clock, random, timing } = this.#options;
    const waitMs = backoffMs(this.#failures, random, timing.backoffBaseMs, timing.backoffMaxMs);
    const atLeastMs = failure instanceof GatewayError ? (failure.retryAfterMs ?? 0) : 0;
    this.#failures += 1;
    await clock.sleep(Math.max(waitMs, atLeastMs), signal).catch(() => undefined);
  }

  #report(reason: string): void {
    if (reason === this.#trouble) return;
    this.#trouble = reason;
    this.#options.sink.trouble(this.#options.resource, reason);
  }

  #interrupt(): void {
    if (this.#interrupted) return;
    this.#interrupted = true;
    this.#options.sink.interrupted(this.#options.resource);
  }

  #resume(): void {
    if (!this.#interrupted) return;
    this.#interrupted = false;
    this.#options.sink.resumed(this.#options.resource);
  }

  /** A watch of which nothing is heard goes on all the same, unless it ends before. */
  #resumeLater(signal: AbortSignal): void {
    if (!this.#interrupted) return;
    const { clock, timing } = this.#options;
    // It may have been told to list anew in the moment in which the time was over.
    const turn = this.#turn.signal;
    clock.sleep(timing.resumeMs, signal).then(
      () => turn.aborted || this.#resume(),
      () => undefined,
    );
  }

  #workedWell(): void {
    this.#failures = 0;
    this.#expired = false;
  }

  #clearTrouble(): void {
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.#options.sink.trouble(this.#options.resource, undefined);
  }
}
