import { mirrorScopes } from '#mappers';
import type { FabricSettings } from '#model/settings';
import type { ForeignEpg, NodeEpg } from '#policy';
import type { ApicPort, Clock, ClusterSource, GatewayState, Logger, PolicyStore, WorkQueue } from '#ports';
import { ApplyWorker } from './apply-worker.js';
import { type BatchPoster, directPoster } from './batch-poster.js';
import { ClusterMirror } from './cluster-mirror.js';
import { CompileWorker } from './compile-worker.js';
import { FabricMirror } from './fabric-mirror.js';
import { GatewayReport } from './gateway-report.js';
import { PublishWorker } from './publish-worker.js';
import { AUDIT_POLICY_MS, AUDIT_STORE_MS, COALESCE_MS, gatewayTasks, KEY } from './tasks.js';

/** The adapters and settings that make a gateway. */
export interface GatewayParts {
  readonly settings: FabricSettings;
  readonly foreignEpgs: readonly ForeignEpg[];
  readonly nodeEpg?: NodeEpg | undefined;
  /** For how long two groups have to be alike before they become one (policy.md §3.4). */
  readonly mergeAfterMs: number;
  readonly cluster: ClusterSource;
  readonly apic: ApicPort;
  readonly store: PolicyStore;
  readonly queue: WorkQueue;
  /** Without it everything is done by this process. */
  readonly delegation?: GatewayDelegation | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Work that other processes may do. */
export interface GatewayDelegation {
  readonly poster: BatchPoster;
  /** The policy store, with writes that others may do. */
  readonly store: PolicyStore;
  /** What keeps the work from being done, in words. */
  readonly trouble: () => string | undefined;
}

/** The gateway's core: watches both sides and keeps the fabric and the nodes as the cluster's policies want them. */
export interface Gateway {
  readonly state: GatewayState;
  /** Runs until aborted, then ends its work in order. */
  run(signal: AbortSignal): Promise<void>;
  /** Tries again what was set aside under keys of delegated work; people wish for it. */
  retry(keys: readonly string[]): Promise<void>;
}

/**
 * Wires the path of data (DESIGN.md §5):
 *
 *   cluster watch → ClusterMirror → compile → DesiredState → apply → APIC → websocket → FabricMirror → apply (drift)
 *                                                         → publish → node/<name> → PolicyStore
 */
export function createGateway(parts: GatewayParts): Gateway {
  const { settings, foreignEpgs, nodeEpg, mergeAfterMs, apic, queue, delegation, clock, log } = parts;
  const store = delegation?.store ?? parts.store;
  const poster = delegation?.poster ?? directPoster(apic);
  const soon = (key: string): void => void queue.addAfter(key, COALESCE_MS);
  const cluster = new ClusterMirror(() => soon(KEY.compile), log);
  const fabric = new FabricMirror(() => {
    soon(KEY.compile);
    soon(KEY.apply);
  }, log);
  const compiler = new CompileWorker({ cluster, fabric, settings, foreignEpgs, nodeEpg, mergeAfterMs, clock, log });
  const desired = (): CompileWorker['desired'] => compiler.desired;
  const applier = new ApplyWorker({ poster, fabric, desired, settings, log });
  const publisher = new PublishWorker({ store, desired, log });
  return {
    state: new GatewayReport({ cluster, fabric, compiler, applier, publisher, apic, settings, delegation }),
    retry: async (keys) => {
      for (const key of new Set(keys.map(taskOf))) await queue.add(key);
    },
    run: async (signal) => {
      queue.start(gatewayTasks({ compiler, applier, publisher, fabric, queue }));
      await queue.addAfter(KEY.auditStore, AUDIT_STORE_MS);
      await queue.addAfter(KEY.auditPolicy, AUDIT_POLICY_MS);
      const watches = [parts.cluster.run(cluster, signal), apic.watch(mirrorScopes(settings), fabric, signal)];
      try {
        await Promise.all(watches.map(untilAborted(signal)));
      } finally {
        await queue.close();
        await apic.close();
        await store.close();
      }
    },
  };
}

/** What is done again for a key of delegated work. */
const taskOf = (key: string): string => (key.startsWith(KEY.node) ? key : KEY.retryParked);

/** A watch that ends because the gateway stops has not failed. */
const untilAborted =
  (signal: AbortSignal) =>
  async (watch: Promise<void>): Promise<void> => {
    try {
      await watch;
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  };
