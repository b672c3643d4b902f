import type { NodePolicy } from '#model/node';
import type { PolicyStore } from '#ports';
import { KEY } from '../tasks.js';
import type { DelegatedWork } from './delegated-work.js';
import { encodeWork } from './work-content.js';
import { DelegatedWorkError } from './work-failure.js';

/** How a policy travels. */
export interface NodePolicyCodec {
  readonly encode: (policy: NodePolicy) => string;
  /** Throws InvalidInputError for a text that is none; `where` names it. */
  readonly decode: (text: string, where: string) => NodePolicy;
}

/** What {@link delegatedStore} needs; `stopped` ends what is under way. */
export interface DelegatedStoreParts {
  readonly store: PolicyStore;
  readonly work: Pick<DelegatedWork, 'do'>;
  readonly codec: NodePolicyCodec;
  readonly stopped: AbortSignal;
}

/** A policy store whose writes are done by whatever worker takes them; it is read from here. */
export function delegatedStore({ store, work, codec, stopped }: DelegatedStoreParts): PolicyStore {
  const write = async (node: string, policy: string | undefined): Promise<void> => {
    const key = `${KEY.node}${node}`;
    const content = encodeWork({ kind: 'node', node, policy });
    const outcome = (await work.do([{ key, content, lane: key, priority: 'policy' }], stopped)).get(key);
    if (outcome?.kind === 'failed') throw new DelegatedWorkError(outcome.failure);
  };
  return {
    put: (policy) => write(policy.node, codec.encode(policy)),
    remove: (node) => write(node, undefined),
    get: (node) => store.get(node),
    nodes: () => store.nodes(),
    watch: (node, sink, signal) => store.watch(node, sink, signal),
    close: () => store.close(),
  };
}
