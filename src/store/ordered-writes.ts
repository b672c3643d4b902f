import type { DeleteBuilder, Etcd3, PutBuilder } from 'etcd3';
import { StoreUnreachableError } from './errors.js';
import type { RenewedClient } from './etcd-client.js';

/** The revision that etcd compares with for a key that is not there. */
const ABSENT = '0';
/** Times that somebody else may have written the key meanwhile. Who writes it is one process, at most two for a moment. */
const MOST_TRIES = 5;
/** Milliseconds after which whoever asked for a write may have given it up: then it is his to ask again. */
const AGAIN_WITHIN_MS = 5_000;

/**
 * Writes keys, each only on top of what it held when the write began. A write that was given up (no answer within seconds) is perhaps
 * done yet: an etcd that stood still does what it was asked meanwhile in any order. It must not undo what was written after it.
 */
export class OrderedWrites {
  readonly #client: RenewedClient;
  /** Revision of the last change of a key, as far as we know, by key. */
  readonly #known = new Map<string, string>();

  constructor(client: RenewedClient) {
    this.#client = client;
  }

  async put(key: string, value: string): Promise<void> {
    const revision = await this.#write(key, (etcd) => etcd.put(key).value(value));
    this.found(key, revision);
  }

  async remove(key: string): Promise<void> {
    await this.#write(key, (etcd) => etcd.delete().key(key));
    this.found(key, undefined);
  }

  /** Notes of which revision a key was found; undefined where it was not there. */
  found(key: string, revision: string | undefined): void {
    if (revision === undefined) this.#known.delete(key);
    else this.#known.set(key, revision);
  }

  /** Gives the revision of the write. */
  async #write(key: string, change: (etcd: Etcd3) => PutBuilder | DeleteBuilder): Promise<string> {
    const began = performance.now();
    for (let tries = 0; tries < MOST_TRIES && performance.now() - began < AGAIN_WITHIN_MS; tries += 1) {
      const before = this.#known.get(key) ?? ABSENT;
      const { succeeded, header, responses } = await this.#client.run((etcd) =>
        etcd.if(key, 'Mod', '==', before).then(change(etcd)).else(etcd.get(key)).commit(),
      );
      if (succeeded) return header.revision;
      this.found(key, responses[0]?.response_range.kvs[0]?.mod_revision);
    }
    throw new StoreUnreachableError(
      `${key}: somebody else writes it all the time; is it one gateway of the cluster id?`,
    );
  }
}
