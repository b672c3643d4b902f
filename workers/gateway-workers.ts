import { epgDn } from '#mappers';
import { DEFAULT_APPLY_SETTINGS } from '#model/settings';
import { ApplyWorker } from './apply-worker.js';
import { directPoster } from './batch-poster.js';
import { BridgedFabric } from './bridged-fabric.js';
import { ClusterMirror } from './cluster-mirror.js';
import { CompileWorker } from './compile-worker.js';
import { DriftWorker } from './drift-worker.js';
import { FabricMirror } from './fabric-mirror.js';
import type { GatewayParts } from './gateway-parts.js';
import { GatewayReport } from './gateway-report.js';
import { HostBarrier } from './host-barrier.js';
import { PlanReport } from './plan-report.js';
import { PodMoves } from './pod-moves.js';
import { PublishWorker } from './publish-worker.js';
import { syncReport } from './state/sync-sources.js';
import { COALESCE_MS, KEY } from './tasks.js';
import { UpFlow } from './up-flow.js';

/** The workers of a gateway, each knowing those that it asks, and the reports that ask them. */
export type GatewayWorkers = ReturnType<typeof gatewayWorkers>;

/** Makes the workers, and puts a key into the queue where a mirror changes. */
export function gatewayWorkers(parts: GatewayParts) {
  const { settings, apic, queue, delegation, apply = DEFAULT_APPLY_SETTINGS, clock, log } = parts;
  const { clusterId } = settings;
  const soon = (key: string): void => void queue.addAfter(key, COALESCE_MS);
  const cluster = new ClusterMirror(() => soon(KEY.compile), log, parts.fabricGrants);
  const fabric = new FabricMirror(() => {
    soon(KEY.compile);
    soon(KEY.apply);
    up?.fabricChanged();
  }, log);
  const compiler = new CompileWorker({ ...parts, cluster, fabric });
  const desired = (): CompileWorker['desired'] => compiler.desired;
  const drift = new DriftWorker({ settings: parts.drift, clusterId, audit: apic, events: parts.events, clock, log });
  const slices = (): ReturnType<UpFlow['slices']> =>
    up === undefined ? compiler.desired : up.slices(compiler.desired);
  const epgOf = (group: string): string => epgDn(settings, compiler.desired?.joined.of.get(group) ?? group);
  const moves = new PodMoves({ epgOf, followMs: apply.hostsFollowMs, clock });
  const publisher = new PublishWorker({ store: delegation?.store ?? parts.store, desired: slices, moves, log });
  const hosts = new HostBarrier({ publisher, moves, desired });
  const bridged = new BridgedFabric({ desired, fabric, moves, settings });
  const poster = delegation?.poster ?? directPoster(apic);
  const applier = new ApplyWorker({
    poster,
    fabric,
    desired: () => bridged.wanted,
    settings,
    apply,
    hosts,
    drift,
    log,
  });
  const upFindings = (): UpFlow['findings'] => up?.findings ?? [];
  const workers = { cluster, fabric, compiler, bridged, applier, publisher, drift };
  const state = new GatewayReport({ ...workers, apic, settings, upFindings, delegation });
  const views = { ...workers, findings: () => state.findings(), openingsChanged: () => soon(KEY.publish) };
  const up = parts.up && new UpFlow({ ...parts, ...parts.up, ...views });
  const sync = syncReport({ ...workers, settings, state });
  const plans = new PlanReport({ applier, desired, settings, approved: () => void queue.add(KEY.apply) });
  return { ...workers, up, state, sync, plans };
}
