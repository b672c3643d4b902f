import type { ServerResponse } from 'node:http';
import type { Fields, KubernetesObject } from '#model/kubernetes';
import { objectText } from '../json-text.js';
import { inVersion } from '../object-api.js';
import { groupVersion, type ResourceType, resourceKey } from '../resource-type.js';
import type { ObjectStore, StoreEvent } from '../storage/object-store.js';
import { ApiError } from './api-error.js';
import { type ListOptions, revisionOf, tooLarge } from './list-options.js';

/** Annotation of the bookmark that closes the initial events of a streamed list (API concepts, "Streaming lists"). */
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/** What a watch watches and how it writes. */
export interface WatchRequest {
  readonly type: ResourceType;
  readonly namespace: string | undefined;
  readonly options: ListOptions;
  readonly contentType: string;
  /** The JSON text of an object in an event: the object itself, or a Table of one row. */
  readonly textOf: (object: KubernetesObject) => string;
  /** The JSON text of a bookmark's object. */
  readonly bookmarkTextOf: (object: Fields) => string;
}

/** The watches that are open: what tests close and expire at will. */
export class WatchHub {
  readonly #store: ObjectStore;
  readonly #bookmarkSeconds: number;
  readonly #open = new Set<Watch>();

  constructor(store: ObjectStore, bookmarkSeconds: number) {
    this.#store = store;
    this.#bookmarkSeconds = bookmarkSeconds;
    store.onChange((event) => {
      for (const watch of this.#open) watch.tell(event);
    });
  }

  /** Number of open watches. */
  get size(): number {
    return this.#open.size;
  }

  /** Answers a watch request: the stream stays open until its time is over, the client leaves or {@link closeAll}. */
  start(request: WatchRequest, response: ServerResponse): void {
    const watch = new Watch(request, response);
    response.writeHead(200, { 'Content-Type': request.contentType });
    response.flushHeaders();
    try {
      watch.begin(this.#store);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      watch.fail(error);
      return;
    }
    this.#open.add(watch);
    const bookmarks = setInterval(() => watch.bookmark(this.#store.revision), this.#bookmarkSeconds * 1000);
    const { timeoutSeconds } = request.options;
    const timeout =
      timeoutSeconds === undefined || timeoutSeconds === 0
        ? undefined
        : setTimeout(() => watch.end(this.#store.revision), timeoutSeconds * 1000);
    response.on('close', () => {
      this.#open.delete(watch);
      clearInterval(bookmarks);
      clearTimeout(timeout);
    });
  }

  /** Ends all open watches, as an API server does that restarts. */
  closeAll(): void {
    for (const watch of this.#open) watch.end(undefined);
    this.#open.clear();
  }
}

/** One watch: a filter over the store's events and a stream of JSON lines. */
class Watch {
  readonly #request: WatchRequest;
  readonly #response: ServerResponse;

  constructor(request: WatchRequest, response: ServerResponse) {
    this.#request = request;
    this.#response = response;
  }

  /** Sends what the client has not seen: all objects, or the events since its resourceVersion. */
  begin(store: ObjectStore): void {
    const { type, namespace, options } = this.#request;
    const { resourceVersion, sendInitialEvents } = options;
    const fresh = resourceVersion === '' || resourceVersion === '0';
    const asked = fresh ? store.revision : revisionOf(resourceVersion);
    if (asked > store.revision) throw tooLarge(asked, store.revision);
    if (sendInitialEvents || fresh) {
      for (const object of store.list(resourceKey(type), namespace)) {
        if (options.filter(object)) this.#send('ADDED', object);
      }
      if (sendInitialEvents && options.bookmarks) this.bookmark(store.revision, { [INITIAL_EVENTS_END]: 'true' });
      return;
    }
    for (const event of store.since(asked)) this.tell(event);
  }

  /** Sends an event if it concerns the watch: an object that leaves or enters the selection is deleted or added. */
  tell(event: StoreEvent): void {
    const { type, namespace, options } = this.#request;
    if (event.resource !== resourceKey(type)) return;
    if (namespace !== undefined && event.object.metadata.namespace !== namespace) return;
    const before = event.previous !== undefined && options.filter(event.previous);
    const after = event.type !== 'DELETED' && options.filter(event.object);
    if (after) this.#send(before ? 'MODIFIED' : 'ADDED', event.object);
    else if (before) this.#send('DELETED', event.type === 'DELETED' ? event.object : lastSeen(event));
  }

  /** Tells the client how far it has seen, if it asked for bookmarks. */
  bookmark(revision: number, annotations?: Readonly<Record<string, string>>): void {
    const { type, options, bookmarkTextOf } = this.#request;
    if (!options.bookmarks) return;
    const object = {
      kind: type.kind,
      apiVersion: groupVersion(type),
      metadata: { resourceVersion: String(revision), creationTimestamp: null, ...(annotations ? { annotations } : {}) },
    };
    this.#write('BOOKMARK', bookmarkTextOf(object));
  }

  /** Ends the stream, with a last bookmark where a revision is given. */
  end(revision: number | undefined): void {
    if (revision !== undefined) this.bookmark(revision);
    this.#response.end();
  }

  /** Ends the stream with an error event. */
  fail(error: ApiError): void {
    this.#write('ERROR', JSON.stringify(error.toStatus()));
    this.#response.end();
  }

  #send(type: string, object: KubernetesObject): void {
    this.#write(type, this.#request.textOf(inVersion(object, this.#request.type)));
  }

  #write(type: string, text: string): void {
    this.#response.write(`{"type":"${type}","object":${text}}\n`);
  }
}

/** An object as it was when it was last selected, with the revision at which it left. */
const lastSeen = ({ previous, object, revision }: StoreEvent): KubernetesObject => ({
  ...(previous ?? object),
  metadata: { ...(previous ?? object).metadata, resourceVersion: String(revision) },
});

/** The JSON text of an object in a watch that asked for no other form. */
export const plainText = (object: KubernetesObject): string => objectText(object);
