import { mirrorScopes } from '#mappers';
import type { FabricGrants } from '#model/kubernetes';
import { type ApplySettings, DEFAULT_APPLY_SETTINGS, type DriftSettings, type FabricSettings } from '#model/settings';
import type { ForeignEpg, NodeEpg } from '#policy';
import type {
  ApicPort,
  Clock,
  ClusterEvents,
  ClusterSource,
  GatewayState,
  Logger,
  PlanState,
  PolicyStore,
  SyncState,
  WorkQueue,
} from '#ports';
import { ApplyWorker } from './apply-worker.js';
import { ClusterMirror } from './cluster-mirror.js';
import { CompileWorker } from './compile-worker.js';
import { DriftWorker } from './drift-worker.js';
import { FabricMirror } from './fabric-mirror.js';
import { GatewayReport } from './gateway-report.js';
import { HostBarrier } from './host-barrier.js';
import { PlanReport } from './plan-report.js';
import { PublishWorker } from './publish-worker.js';
import { syncReport } from './state/sync-sources.js';
import { AUDIT_POLICY_MS, AUDIT_STORE_MS, COALESCE_MS, gatewayTasks, KEY } from './tasks.js';
import { UpFlow, type UpFlowOptions } from './up-flow.js';

/** The adapters and settings that make a gateway. */
export interface GatewayParts {
  readonly settings: FabricSettings;
  readonly foreignEpgs: readonly ForeignEpg[];
  readonly nodeEpg?: NodeEpg | undefined;
  /** What FabricPolicies may ask for; without it they are not looked at. */
  readonly fabricGrants?: FabricGrants | undefined;
  /** For how long two groups have to be alike before they become one (policy.md §3.4). */
  readonly mergeAfterMs: number;
  /** For how long VLANs and VNIs of groups that are gone rest before others get them (policy.md §3.9). */
  readonly restForMs: number;
  /** How the APIC is written to; the defaults where it is left out. */
  readonly apply?: ApplySettings | undefined;
  readonly drift: DriftSettings;
  readonly cluster: ClusterSource;
  /** Where Kubernetes is told what happened to its objects. */
  readonly events: ClusterEvents;
  readonly apic: ApicPort;
  readonly store: PolicyStore;
  readonly queue: WorkQueue;
  readonly clock: Clock;
  readonly log: Logger;
  /** What of the fabric is told to Kubernetes, and how; without it nothing is. */
  readonly up?: UpFlowOptions;
}

/** The gateway's core: watches both sides and keeps the fabric and the nodes as the cluster's policies want them. */
export interface Gateway {
  readonly state: GatewayState;
  readonly sync: SyncState;
  readonly plans: PlanState;
  /** Runs until aborted, then ends its work in order. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Wires the path of data (DESIGN.md §5):
 *
 *   cluster watch → ClusterMirror → compile → DesiredState → apply → APIC → websocket → FabricMirror → apply (drift)
 *                                                         → publish → node/<name> → PolicyStore
 */
export function createGateway(parts: GatewayParts): Gateway {
  const { settings, foreignEpgs, nodeEpg, mergeAfterMs, restForMs, apic, store, queue, clock, log } = parts;
  const soon = (key: string): void => void queue.addAfter(key, COALESCE_MS);
  const cluster = new ClusterMirror(() => soon(KEY.compile), log, parts.fabricGrants);
  const fabric = new FabricMirror(() => {
    soon(KEY.compile);
    soon(KEY.apply);
    up?.fabricChanged();
  }, log);
  const policy = { settings, foreignEpgs, nodeEpg, mergeAfterMs, restForMs };
  const compiler = new CompileWorker({ cluster, fabric, ...policy, clock, log });
  const desired = (): CompileWorker['desired'] => compiler.desired;
  const { clusterId } = settings;
  const drift = new DriftWorker({ settings: parts.drift, clusterId, audit: apic, events: parts.events, clock, log });
  const slices = (): ReturnType<UpFlow['slices']> =>
    up === undefined ? compiler.desired : up.slices(compiler.desired);
  const publisher = new PublishWorker({ store, desired: slices, clock, log });
  const { apply = DEFAULT_APPLY_SETTINGS } = parts;
  const hosts = new HostBarrier({ publisher, followMs: apply.hostsFollowMs, clock });
  const applier = new ApplyWorker({ apic, fabric, desired, settings, apply, hosts, drift, log });
  const upFindings = (): UpFlow['findings'] => up?.findings ?? [];
  const state = new GatewayReport({ cluster, fabric, compiler, applier, publisher, apic, settings, upFindings });
  const findings = (): UpFlow['findings'] => state.findings();
  const openingsChanged = (): void => soon(KEY.publish);
  const views = { cluster, fabric, compiler, applier, findings, openingsChanged };
  const up = parts.up && new UpFlow({ ...parts, ...parts.up, ...views });
  const down = gatewayTasks({ compiler, applier, drift, publisher, fabric, queue, clock });
  const sync = syncReport({ cluster, fabric, compiler, applier, drift, publisher, settings, state });
  return {
    state,
    sync,
    plans: new PlanReport({ applier, desired, settings, approved: () => void queue.add(KEY.apply) }),
    run: async (signal) => {
      queue.start(async (key, until) => {
        try {
          return await (up?.task(key)?.(until) ?? down(key, until));
        } finally {
          sync.notify();
        }
      });
      await queue.addAfter(KEY.auditStore, AUDIT_STORE_MS);
      await queue.addAfter(KEY.auditPolicy, AUDIT_POLICY_MS);
      const watches = [
        parts.cluster.run(cluster, signal),
        apic.watch(mirrorScopes(settings), fabric, signal),
        ...(up === undefined ? [] : [up.run(signal)]),
      ];
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
