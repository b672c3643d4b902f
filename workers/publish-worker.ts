import { InvalidInputError } from '#errors';
import type { NodePolicy } from '#model/node';
import type { Clock, Logger, PolicyStore } from '#ports';
import type { DesiredState } from './desired-state.js';

/** What the publish worker needs. */
export interface PublishContext {
  readonly store: PolicyStore;
  readonly desired: () => Pick<DesiredState, 'nodes'> | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Publishes each node's slice, and removes those of nodes that are gone. */
export class PublishWorker {
  readonly #context: PublishContext;
  /** Revision that is in the store, by node. */
  readonly #published = new Map<string, string>();
  /** VLAN of each pod in the last slice that this process published, by node. */
  readonly #vlans = new Map<string, ReadonlyMap<string, number | undefined>>();
  #movedAt: number | undefined;
  #known = false;

  constructor(context: PublishContext) {
    this.#context = context;
  }

  /** Nodes whose slice in the store may differ from the desired one. */
  async stale(): Promise<readonly string[]> {
    const desired = this.#context.desired();
    if (desired === undefined) return [];
    if (!this.#known) await this.#readBack();
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

  /** When a slice last put a pod that was there before on another VLAN, in milliseconds; undefined when none did. */
  get movedAt(): number | undefined {
    return this.#movedAt;
  }

  /** Forgets what is in the store: it is read back before the next comparison. Somebody may have emptied it. */
  forget(): void {
    this.#known = false;
  }

  /** Publishes or removes one node's slice. */
  async run(node: string): Promise<void> {
    const policy = this.#context.desired()?.nodes.get(node);
    if (policy === undefined) return this.#remove(node);
    if (this.#published.get(node) === policy.revision) return;
    await this.#put(policy);
  }

  /** What an earlier run left in the store: equal slices are not written again. */
  async #readBack(): Promise<void> {
    const { store } = this.#context;
    const nodes = await store.nodes();
    const revisions = await Promise.all(nodes.map((node) => revisionIn(store, node)));
    this.#published.clear();
    for (const [index, node] of nodes.entries()) this.#published.set(node, revisions[index] ?? '');
    this.#known = true;
  }

  async #put(policy: NodePolicy): Promise<void> {
    const isNew = !this.#published.has(policy.node);
    await this.#context.store.put(policy);
    this.#published.set(policy.node, policy.revision);
    this.#noteVlans(policy, isNew);
    this.#context.log.debug({ node: policy.node, revision: policy.revision }, 'published a node policy');
  }

  /** Of a slice that an earlier process published it is not known where it had the pods: they may have gone elsewhere. */
  #noteVlans({ node, endpoints }: NodePolicy, isNew: boolean): void {
    const before = this.#vlans.get(node);
    const hasMoved =
      before === undefined ? !isNew : endpoints.some(({ pod, vlan }) => before.has(pod) && before.get(pod) !== vlan);
    if (hasMoved) this.#movedAt = this.#context.clock.now();
    this.#vlans.set(node, new Map(endpoints.map(({ pod, vlan }) => [pod, vlan])));
  }

  async #remove(node: string): Promise<void> {
    await this.#context.store.remove(node);
    this.#published.delete(node);
    this.#vlans.delete(node);
    this.#context.log.info({ node }, 'removed the policy of a node that is gone');
  }
}

/** Revision of what the store holds for a node; empty for a value that cannot be read, so that it is written anew. */
async function revisionIn(store: PolicyStore, node: string): Promise<string> {
  try {
    return (await store.get(node))?.revision ?? '';
  } catch (error) {
    if (error instanceof InvalidInputError) return '';
    throw error;
  }
}
