import { setTimeout as delay } from 'node:timers/promises';
import type { Etcd3, IKeyValue } from 'etcd3';
import { messageOf } from '#errors';
import type { NodePolicySink } from '#ports';
import { type EtcdConnectionOptions, etcdClient, storeError } from './etcd-client.js';
import { decodeNodePolicy } from './node-policy-codec.js';

const RETRY_BASE_MS = 100;
const RETRY_MAX_MS = 1_000;

/** A revision that no key has: nothing was told yet. */
const NOTHING_TOLD = 'nothing';
/** Stands for the revision of a key that is not there. */
const ABSENT = 'absent';

/**
 * Follows one key: reads it, then watches from the revision after the one read, so that nothing between is lost. When the
 * watch ends (etcd away, or the revision compacted) it reads again: what counts is the latest value, not the way to it.
 */
export async function followKey(
  options: EtcdConnectionOptions,
  key: string,
  sink: NodePolicySink,
  signal: AbortSignal,
): Promise<void> {
  const teller = new Teller(key, sink);
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      const { etcd } = await etcdClient(options);
      try {
        const next = await readCurrent(etcd, key, { teller, signal });
        failures = 0;
        await watchFrom(etcd, key, { next, teller, signal });
      } finally {
        etcd.close();
      }
    } catch (error) {
      if (!signal.aborted) teller.trouble(messageOf(storeError(error, options.endpoints)));
    }
    await delay(Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** failures), undefined, { signal }).catch(() => undefined);
  }
}

/** Tells the sink what is new only: a value that was told already is not told again after a reconnection. */
class Teller {
  readonly #key: string;
  readonly #sink: NodePolicySink;
  #told = NOTHING_TOLD;
  #unusable = false;
  #trouble: string | undefined;

  constructor(key: string, sink: NodePolicySink) {
    this.#key = key;
    this.#sink = sink;
  }

  /** A value that cannot be used is trouble; the last one that could stays in force. */
  value(pair: IKeyValue | undefined): void {
    const revision = pair === undefined ? ABSENT : pair.mod_revision;
    const isNew = revision !== this.#told;
    this.#told = revision;
    if (isNew) this.#unusable = !this.#tell(pair);
    if (!this.#unusable) this.#report(undefined);
  }

  trouble(reason: string): void {
    this.#report(reason);
  }

  #tell(pair: IKeyValue | undefined): boolean {
    try {
      this.#sink.policy(pair === undefined ? undefined : decodeNodePolicy(pair.value.toString(), this.#key));
      return true;
    } catch (error) {
      this.#report(messageOf(error));
      return false;
    }
  }

  #report(reason: string | undefined): void {
    if (reason === this.#trouble) return;
    this.#trouble = reason;
    this.#sink.trouble(reason);
  }
}

interface ReadTask {
  readonly teller: Teller;
  readonly signal: AbortSignal;
}

/** Reads the key and gives the first revision that was not seen. */
async function readCurrent(client: Etcd3, key: string, { teller, signal }: ReadTask): Promise<string> {
  const { kvs, header } = await client.get(key).exec();
  signal.throwIfAborted();
  teller.value(kvs[0]);
  return String(BigInt(header.revision) + 1n);
}

interface WatchTask extends ReadTask {
  readonly next: string;
}

/** Resolves when aborted; rejects when the watch can no longer be trusted. */
function watchFrom(client: Etcd3, key: string, { next, teller, signal }: WatchTask): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      // Since the key was read: no listener would hear of it any more.
      resolve();
      return;
    }
    const watcher = client.watch().key(key).startRevision(next).watcher();
    const finish = (settle: () => void) => (): void => {
      signal.removeEventListener('abort', abort);
      // A cancelled watcher is not taken along when the client reconnects; nobody waits for the server's word on it.
      watcher.cancel().catch(() => undefined);
      settle();
    };
    const abort = finish(resolve);
    const fail = (error: unknown): void =>
      finish(() => reject(error instanceof Error ? error : new Error(String(error))))();
    signal.addEventListener('abort', abort, { once: true });
    watcher.on('put', (pair) => teller.value(pair));
    watcher.on('delete', () => teller.value(undefined));
    watcher.on('disconnected', fail);
    watcher.on('error', fail);
  });
}
