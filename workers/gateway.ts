import { mirrorScopes } from '#mappers';
import type { FabricSettings } from '#model/settings';
import type { ForeignEpg } from '#policy';
import type { ApicPort, ClusterSource, GatewayState, Logger, PolicyStore, WorkOutcome, WorkQueue } from '#ports';
import { ApplyWorker } from './apply-worker.js';
import { ClusterMirror } from './cluster-mirror.js';
import { CompileWorker } from './compile-worker.js';
import { FabricMirror } from './fabric-mirror.js';
import { GatewayReport } from './gateway-report.js';
import { PublishWorker } from './publish-worker.js';

/** The adapters and settings that make a gateway. */
export interface GatewayParts {
  readonly settings: FabricSettings;
  readonly foreignEpgs: readonly ForeignEpg[];
  readonly cluster: ClusterSource;
  readonly apic: ApicPort;
  readonly store: PolicyStore;
  readonly queue: WorkQueue;
  readonly log: Logger;
}

/** Keys of the queue. One of a kind runs at a time; a burst of changes is one run. */
const COMPILE = 'compile';
const APPLY = 'apply';
const NODE = 'node/';

/** Milliseconds in which changes are collected before they are worked on: one compilation for a burst. */
const COALESCE_MS = 20;

/** The gateway's core: watches both sides and keeps the fabric and the nodes as the cluster's policies want them. */
export interface Gateway {
  readonly state: GatewayState;
  /** Runs until aborted, then ends its work in order. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Wires the path of data (DESIGN.md §5):
 *
 *   cluster watch → ClusterMirror → compile → DesiredState → apply → APIC → websocket → FabricMirror → apply (drift)
 *                                                         → node/<name> → PolicyStore
 */
export function createGateway(parts: GatewayParts): Gateway {
  const { settings, foreignEpgs, apic, store, queue, log } = parts;
  const enqueue = (key: string): void => void queue.addAfter(key, COALESCE_MS);
  const cluster = new ClusterMirror(() => enqueue(COMPILE), log);
  const fabric = new FabricMirror(() => {
    enqueue(COMPILE);
    enqueue(APPLY);
  }, log);
  const compiler = new CompileWorker({ cluster, fabric, settings, foreignEpgs, log });
  const desired = (): CompileWorker['desired'] => compiler.desired;
  const applier = new ApplyWorker({ apic, fabric, desired, settings, log });
  const publisher = new PublishWorker({ store, desired, log });
  const work = async (key: string, signal: AbortSignal): Promise<WorkOutcome> => {
    if (key === COMPILE) {
      if (compiler.run()) await queue.add(APPLY);
      for (const node of await publisher.stale()) await queue.add(`${NODE}${node}`);
    } else if (key === APPLY) await applyAndLookAgain(applier, fabric, signal, enqueue);
    else await publisher.run(key.slice(NODE.length));
    return 'done';
  };
  return {
    state: new GatewayReport({ cluster, fabric, compiler, applier, publisher, apic, settings }),
    run: async (signal) => {
      queue.start(work);
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

/** One pass; when it wrote something, another one confirms that nothing is left to do. */
async function applyAndLookAgain(
  applier: ApplyWorker,
  fabric: FabricMirror,
  signal: AbortSignal,
  enqueue: (key: string) => void,
): Promise<void> {
  await applier.run(signal);
  if (!applier.settled && fabric.trusted) enqueue(APPLY);
}

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
