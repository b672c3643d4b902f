import { GatewayError } from '#errors';
import type { ClusterWriter, PolicyStore } from '#ports';
import type { GatewayDelegation } from '#workers';

/** Throws when this process must not write: one that was suspended for a while may not know yet that it does not lead. */
export type MayWrite = () => void;

/** Lets a process write while it leads. */
export const onlyWhile =
  (leads: () => boolean): MayWrite =>
  () => {
    if (leads()) return;
    const message = 'this gateway does not lead any more, and writes nothing';
    throw new GatewayError('NOT_LEADING', message, { disposition: 'retry' });
  };

/** The policy store for such a process. */
export const fencedStore = (store: PolicyStore, mayWrite: MayWrite): PolicyStore => ({
  put: async (policy) => {
    mayWrite();
    await store.put(policy);
  },
  remove: async (node) => {
    mayWrite();
    await store.remove(node);
  },
  get: (node) => store.get(node),
  nodes: () => store.nodes(),
  watch: (...given) => store.watch(...given),
  close: () => store.close(),
});

/** Writes to Kubernetes of such a process. */
export const fencedWriter = (writer: ClusterWriter, mayWrite: MayWrite): ClusterWriter => ({
  list: (...given) => writer.list(...given),
  apply: async (object, signal) => {
    mayWrite();
    await writer.apply(object, signal);
  },
  applyStatus: async (object, signal) => {
    mayWrite();
    await writer.applyStatus(object, signal);
  },
  remove: async (object, signal) => {
    mayWrite();
    await writer.remove(object, signal);
  },
});

/** Work for others to do, handed out by such a process. */
export const fencedDelegation = (
  { poster, store, trouble }: GatewayDelegation,
  mayWrite: MayWrite,
): GatewayDelegation => ({
  trouble,
  store: fencedStore(store, mayWrite),
  poster: {
    atOnce: poster.atOnce,
    post: async (batch, signal, mayBegin) => {
      mayWrite();
      await poster.post(batch, signal, mayBegin);
    },
    settled: async (refused) => {
      await poster.settled?.(refused);
    },
  },
});
