import type { ApicPort, PolicyStore } from '#ports';
import { abortable } from '#runtime';
import type { NodePolicyCodec } from './delegated-store.js';
import type { PerformWork } from './work-handler.js';

/** What a worker writes to. */
export interface PerformParts {
  readonly apic: Pick<ApicPort, 'post'>;
  readonly store: Pick<PolicyStore, 'put' | 'remove'>;
  readonly codec: Pick<NodePolicyCodec, 'decode'>;
}

/** Does delegated work: posts a batch, or writes a node's policy. */
export const performWork =
  ({ apic, store, codec }: PerformParts): PerformWork =>
  (work, signal) => {
    if (work.kind === 'batch') return apic.post(work.dn, work.tree, signal);
    if (work.policy === undefined) return abortable(store.remove(work.node), signal);
    return abortable(store.put(codec.decode(work.policy, `work of node ${work.node}`)), signal);
  };
