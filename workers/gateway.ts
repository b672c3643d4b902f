import { mirrorScopes } from '#mappers';
import type { GatewayState, PlanState, SyncState } from '#ports';
import type { GatewayParts } from './gateway-parts.js';
import { type GatewayWorkers, gatewayWorkers } from './gateway-workers.js';
import { periodic } from './periodic.js';
import { AUDIT_POLICY_MS, AUDIT_STORE_MS, gatewayTasks, KEY } from './tasks.js';

/** The gateway's core: watches both sides and keeps the fabric and the nodes as the cluster's policies want them. */
export interface Gateway {
  readonly state: GatewayState;
  readonly sync: SyncState;
  readonly plans: PlanState;
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
  const { queue } = parts;
  const workers = gatewayWorkers(parts);
  const { state, sync, plans } = workers;
  return {
    state,
    sync,
    plans,
    retry: async (keys) => {
      for (const key of new Set(keys.map(taskOf))) await queue.add(key);
    },
    run: (signal) => run(parts, workers, signal),
  };
}

async function run(parts: GatewayParts, workers: GatewayWorkers, signal: AbortSignal): Promise<void> {
  const { apic, queue } = parts;
  const { cluster, fabric, up, sync } = workers;
  const down = gatewayTasks({ ...workers, queue, clock: parts.clock });
  const audits = new Map<string, number>([
    [KEY.auditStore, AUDIT_STORE_MS],
    [KEY.auditPolicy, AUDIT_POLICY_MS],
  ]);
  const periods = new Map([...audits, ...(up?.periods ?? [])]);
  const work = periodic(async (key, until) => up?.task(key)?.(until) ?? down(key, until), { periods, log: parts.log });
  queue.start((key, until) => work(key, until).finally(() => sync.notify()));
  for (const [key, periodMs] of audits) await queue.addAfter(key, periodMs);
  const watches = [
    parts.cluster.run(cluster, signal),
    apic.watch(mirrorScopes(parts.settings), fabric, signal),
    ...(up === undefined ? [] : [up.run(signal)]),
  ];
  try {
    await Promise.all(watches.map(untilAborted(signal)));
  } finally {
    await queue.close();
    await apic.close();
    await (parts.delegation?.store ?? parts.store).close();
  }
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
