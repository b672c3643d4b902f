import { epgDn, fabricGrants } from '#mappers';
import type { FabricGrants } from '#model/kubernetes';
import { DEFAULT_APPLY_SETTINGS } from '#model/settings';
import type { ForeignEpg } from '#policy';
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
import type { NodeSlices } from './inventory/admin-openings.js';
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
  const { cluster, regrant } = clusterSide(parts, () => soon(KEY.compile));
  const fabric = new FabricMirror(() => {
    soon(KEY.compile);
    soon(KEY.apply);
    up?.fabricChanged();
  }, log);
  const foreignEpgs = (): readonly ForeignEpg[] => up?.foreignEpgs ?? parts.foreignEpgs;
  const awaitsAddresses = (): boolean => up?.awaitsAddresses === true;
  const holdMs = (): number => applier.holdMs;
  const compiler = new CompileWorker({ ...parts, cluster, fabric, foreignEpgs, awaitsAddresses, holdMs });
  const desired = (): CompileWorker['desired'] => compiler.desired;
  const drift = new DriftWorker({ settings: parts.drift, clusterId, audit: apic, events: parts.events, clock, log });
  const slices = (): NodeSlices | undefined => (up === undefined ? compiler.desired : up.slices(compiler.desired));
  const { publisher, hosts, bridged } = hostSide(parts, { compiler, fabric, slices });
  const poster = delegation?.poster ?? directPoster(apic);
  const applier: ApplyWorker = new ApplyWorker({
    poster,
    fabric,
    desired: () => bridged.wanted,
    settings,
    apply,
    clock,
    hosts,
    drift,
    log,
  });
  const upFindings = (): UpFlow['findings'] => up?.findings ?? [];
  const workers = { cluster, fabric, compiler, bridged, applier, publisher, drift };
  const state = new GatewayReport({ ...workers, apic, settings, upFindings, delegation });
  const views = {
    ...workers,
    findings: () => state.findings(),
    openingsChanged: () => soon(KEY.publish),
    groupsChanged: () => {
      regrant(foreignEpgs());
      soon(KEY.compile);
    },
  };
  const up = parts.up && new UpFlow({ ...parts, ...parts.up, ...views });
  const sync = syncReport({ ...workers, settings, state });
  const plans = new PlanReport({ applier, cluster, desired, settings, approved: () => void queue.add(KEY.apply) });
  return { ...workers, up, state, sync, plans };
}

/** The mirror of the cluster, and what brings it up to date when FabricPolicies may ask for something else. */
function clusterSide(
  { fabricPolicyRules: rules, foreignEpgs, settings, clock, log }: GatewayParts,
  changed: () => void,
) {
  const grantsFor = (epgs: readonly ForeignEpg[]): FabricGrants | undefined =>
    rules && fabricGrants(rules, epgs, settings);
  const cluster = new ClusterMirror({ changed, clock, log, grants: grantsFor(foreignEpgs) });
  const regrant = (epgs: readonly ForeignEpg[]): void => {
    const grants = grantsFor(epgs);
    if (grants !== undefined) cluster.regrant(grants);
  };
  return { cluster, regrant };
}

/** What the hosts are told by, and what the fabric needs until they have followed. */
function hostSide(
  { settings, delegation, store, apply = DEFAULT_APPLY_SETTINGS, clock, log }: GatewayParts,
  { compiler, fabric, slices }: HostSources,
) {
  const desired = (): CompileWorker['desired'] => compiler.desired;
  const epgOf = (group: string): string => epgDn(settings, compiler.desired?.joined.of.get(group) ?? group);
  const joined = (): unknown => compiler.desired?.joined;
  const moves = new PodMoves({ epgOf, joined, followMs: apply.hostsFollowMs, clock });
  const publisher = new PublishWorker({ store: delegation?.store ?? store, desired: slices, moves, log });
  const hosts = new HostBarrier({ publisher, moves, desired, clock });
  return { publisher, hosts, bridged: new BridgedFabric({ desired, fabric, moves, settings }) };
}

interface HostSources {
  readonly compiler: CompileWorker;
  readonly fabric: FabricMirror;
  readonly slices: () => NodeSlices | undefined;
}
