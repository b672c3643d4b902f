import { GatewayError } from '#errors';
import type { ApicPort, PolicyStore } from '#ports';
import type { GatewayDelegation } from '#workers';

/** Whether this process may still write. */
export type Leads = () => boolean;

/** The APIC for a process that writes only while it leads: one that was stopped for a while may not know yet that it does not. */
export const fencedApic = (apic: ApicPort, leads: Leads): ApicPort => ({
  post: (dn, tree, signal) => check(leads) ?? apic.post(dn, tree, signal),
  watch: (...given) => apic.watch(...given),
  list: (...given) => apic.list(...given),
  changesOf: (...given) => apic.changesOf(...given),
  requests: () => apic.requests(),
  close: () => apic.close(),
});

/** The policy store for such a process. */
export const fencedStore = (store: PolicyStore, leads: Leads): PolicyStore => ({
  put: (policy) => check(leads) ?? store.put(policy),
  remove: (node) => check(leads) ?? store.remove(node),
  get: (node) => store.get(node),
  nodes: () => store.nodes(),
  watch: (...given) => store.watch(...given),
  close: () => store.close(),
});

/** Work for others to do, handed out by such a process. */
export const fencedDelegation = <Delegation extends GatewayDelegation>(
  delegation: Delegation,
  leads: Leads,
): Delegation => ({
  ...delegation,
  store: fencedStore(delegation.store, leads),
  poster: {
    atOnce: delegation.poster.atOnce,
    post: (batch, signal) => check(leads) ?? delegation.poster.post(batch, signal),
    settled: (refused) => delegation.poster.settled?.(refused) ?? Promise.resolve(),
  },
});

function check(leads: Leads): Promise<never> | undefined {
  if (leads()) return undefined;
  return Promise.reject(
    new GatewayError('NOT_LEADING', 'this gateway does not lead any more, and writes nothing', {
      disposition: 'retry',
    }),
  );
}
