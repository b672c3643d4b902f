import { InvalidInputError } from '#errors';
import type { NodePolicy } from '#model/node';
import type { Logger, PolicyStore } from '#ports';
import type { DesiredState } from './desired-state.js';
import type { PodMoves } from './pod-moves.js';

/** What the publish worker needs. */
export interface PublishContext {
  readonly store: PolicyStore;
  readonly desired: () => Pick<DesiredState, 'nodes'> | undefined;
  /** Told of each slice that the store holds. */
  readonly moves: Pick<PodMoves, 'found' | 'telling' | 'told' | 'gone'>;
  readonly log: Logger;
}

/** In the place of a revision: what the store holds cannot be read, or nobody knows whether it took what was on its way. */
const IN_DOUBT = '';

/** Publishes each node's slice, and removes those of nodes that are gone. */
export class PublishWorker {
  readonly #context: PublishContext;
  /** Revision that is in the store, by node. */
  readonly #published = new Map<string, string>();
  /** What is being done for a node, and waits to be. */
  readonly #turns = new Map<string, Promise<unknown>>();
  /** Of each reading of the store that is under way the nodes that it may have read before a write. */
  readonly #readings = new Set<Set<string>>();
  /** Which put it was that the store took last of a node. */
  readonly #told = new Map<string, number>();
  #puts = 0;
  #known = false;

  constructor(context: PublishContext) {
    this.#context = context;
  }

  /**
   * Nodes whose slice in the store may differ from the desired one; undefined while it is not known what is desired. What the
   * store holds is read first in any case: it says where the pods are.
   */
  async stale(): Promise<readonly string[] | undefined> {
    if (!this.#known) await this.#readBack();
    const desired = this.#context.desired();
    if (desired === undefined) return undefined;
    const names = new Set([...desired.nodes.keys(), ...this.#published.keys()]);
    return [...names].filter((node) => this.#published.get(node) !== desired.nodes.get(node)?.revision);
  }

  /** Whether the store holds what is desired. */
  get settled(): boolean {
    const desired = this.#context.desired();
    if (desired === undefined || this.#published.size !== desired.nodes.size) return false;
    return [...desired.nodes].every(([node, policy]) => this.#published.get(node) === policy.revision);
  }

  /** Whether the store holds what is desired of the node; nothing, for one that shall have nothing. */
  isPublished(node: string): boolean {
    return this.#published.get(node) === this.#context.desired()?.nodes.get(node)?.revision;
  }

  /** Counts puts that were begun. */
  get puts(): number {
    return this.#puts;
  }

  /** Whether every node was told what was desired when the puts were so many, or something newer. */
  isToldSince(puts: number): boolean {
    const desired = this.#context.desired();
    if (desired === undefined) return false;
    const nodes = new Set([...desired.nodes.keys(), ...this.#published.keys()]);
    return [...nodes].every(
      (node) => (this.#told.get(node) ?? 0) > puts || this.#published.get(node) === desired.nodes.get(node)?.revision,
    );
  }

  /** Forgets what is in the store: it is read back before the next comparison. Somebody may have emptied it. */
  forget(): void {
    this.#known = false;
  }

  /**
   * Publishes or removes one node's slice. Does nothing while it is not known what is desired: a key may be of an earlier run.
   *
   * @param mayTell asked when it is the node's turn, for what is desired then: while a put of before was on its way that may have
   *   become something that hosts are not to be told yet
   * @returns false where the host was not to be told
   */
  run(node: string, mayTell: () => boolean): Promise<boolean> {
    // One after another: a put that is slow must not come after a newer one.
    const turn = (this.#turns.get(node) ?? Promise.resolve()).then(async () => {
      if (!mayTell()) return false;
      for (const written of this.#readings) written.add(node);
      await this.#publish(node);
      return true;
    });
    const over = turn.catch(() => undefined);
    this.#turns.set(node, over);
    void over.then(() => this.#turns.get(node) === over && this.#turns.delete(node));
    return turn;
  }

  async #publish(node: string): Promise<void> {
    const desired = this.#context.desired();
    if (desired === undefined) return;
    const policy = desired.nodes.get(node);
    if (policy === undefined) return this.#remove(node);
    if (this.#published.get(node) === policy.revision) return;
    await this.#put(policy);
  }

  /** What an earlier run left in the store: equal slices are not written again. */
  async #readBack(): Promise<void> {
    const { store, moves } = this.#context;
    const written = new Set(this.#turns.keys());
    this.#readings.add(written);
    const slices = await slicesIn(store).finally(() => this.#readings.delete(written));
    this.#published.clear();
    for (const [node, slice] of slices) {
      this.#published.set(node, slice?.revision ?? IN_DOUBT);
      if (slice !== undefined) moves.found(slice);
    }
    for (const node of written) this.#published.set(node, IN_DOUBT);
    this.#known = true;
  }

  async #put(policy: NodePolicy): Promise<void> {
    const { store, moves, log } = this.#context;
    // A write that fails may have been taken all the same, and its host may know of one before the store's answer is here.
    this.#published.set(policy.node, IN_DOUBT);
    this.#puts += 1;
    const put = this.#puts;
    moves.telling(policy);
    await store.put(policy);
    this.#published.set(policy.node, policy.revision);
    this.#told.set(policy.node, put);
    moves.told(policy);
    log.debug({ node: policy.node, revision: policy.revision }, 'published a node policy');
  }

  async #remove(node: string): Promise<void> {
    if (this.#published.has(node)) this.#published.set(node, IN_DOUBT);
    await this.#context.store.remove(node);
    this.#published.delete(node);
    this.#told.delete(node);
    this.#context.moves.gone(node);
    this.#context.log.info({ node }, 'removed the policy of a node that is gone');
  }
}

/** What the store holds, by node. */
async function slicesIn(store: PolicyStore): Promise<ReadonlyMap<string, NodePolicy | undefined>> {
  const nodes = await store.nodes();
  return new Map(await Promise.all(nodes.map(async (node) => [node, await sliceIn(store, node)] as const)));
}

/** What the store holds for a node; undefined for a value that cannot be read, so that it is written anew. */
async function sliceIn(store: PolicyStore, node: string): Promise<NodePolicy | undefined> {
  try {
    return await store.get(node);
  } catch (error) {
    if (error instanceof InvalidInputError) return undefined;
    throw error;
  }
}
