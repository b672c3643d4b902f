import type { Clock, WorkQueue } from '#ports';
import type { ApplyWorker } from './apply-worker.js';
import type { PublishWorker } from './publish-worker.js';
import { KEY } from './task-keys.js';

/** Milliseconds that hosts wait at most for the VLANs of their pods to be bound, and between two looks. */
const PATIENCE_MS = 10_000;
const AGAIN_MS = 250;

/** What {@link PublishGate} asks. */
export interface PublishGateParts {
  readonly applier: Pick<ApplyWorker, 'mayFollow'>;
  readonly publisher: Pick<PublishWorker, 'stale' | 'run'>;
  readonly queue: Pick<WorkQueue, 'add' | 'addAfter'>;
  readonly clock: Clock;
}

/** Lets slices out once the VLANs that hosts will use are bound; after a while all the same: what tightens must not wait. */
export class PublishGate {
  readonly #parts: PublishGateParts;
  #waitingSince: number | undefined;

  constructor(parts: PublishGateParts) {
    this.#parts = parts;
  }

  /** Whether hosts may be told what is desired at this moment. */
  get isOpen(): boolean {
    if (this.look()) return true;
    const now = this.#parts.clock.uptime();
    this.#waitingSince ??= now;
    return now - this.#waitingSince >= PATIENCE_MS;
  }

  /** Whether the fabric has caught up. Asked after each change of it: what comes later waits anew. */
  look(): boolean {
    const { mayFollow } = this.#parts.applier;
    if (mayFollow) this.#waitingSince = undefined;
    return mayFollow;
  }

  /** Puts the keys of nodes whose slice is stale into the queue, or comes back later. */
  async open(): Promise<void> {
    const { publisher, queue } = this.#parts;
    if (!this.isOpen) return this.#comeBack();
    for (const node of (await publisher.stale()) ?? []) await queue.add(`${KEY.node}${node}`);
  }

  /** Publishes a node's slice. Something else may be desired since its key was put into the queue: then it has to wait again. */
  async pass(node: string): Promise<void> {
    const isTold = await this.#parts.publisher.run(node, () => this.isOpen);
    if (!isTold) await this.#comeBack();
  }

  /** What is missing may have been found out just now: a store that was read back tells of pods that have to move. */
  async #comeBack(): Promise<void> {
    const { queue } = this.#parts;
    await queue.add(KEY.apply);
    await queue.addAfter(KEY.publish, AGAIN_MS);
  }
}
