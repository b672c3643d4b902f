import { type Change, hasAncestorIn, isStep } from '#fabric';
import { epgDn } from '#mappers';
import { isWithin } from '#model/aci';
import type { ClusterSnapshot } from '#model/kubernetes';
import { DELETED, type FabricSettings } from '#model/settings';
import type { DriftRow, GatewayState } from '#ports';
import type { ApplyWorker } from '../apply-worker.js';
import type { BridgedFabric } from '../bridged-fabric.js';
import type { ClusterMirror } from '../cluster-mirror.js';
import type { CompileWorker } from '../compile-worker.js';
import type { DriftWorker } from '../drift-worker.js';
import type { FabricMirror } from '../fabric-mirror.js';
import type { PublishWorker } from '../publish-worker.js';
import { type OpenChange, SyncReport } from './sync-report.js';

/** The workers that know. */
export interface SyncWorkers {
  readonly cluster: ClusterMirror;
  readonly fabric: FabricMirror;
  readonly compiler: CompileWorker;
  readonly bridged: BridgedFabric;
  readonly applier: ApplyWorker;
  readonly drift: DriftWorker;
  readonly publisher: PublishWorker;
  readonly settings: FabricSettings;
  readonly state: GatewayState;
}

/** The report of how far everything is, from the workers. */
export function syncReport(workers: SyncWorkers): SyncReport {
  const { cluster, fabric, compiler, bridged, publisher, settings, state } = workers;
  return new SyncReport({
    wanted: () => bridged.wanted?.objects,
    found: () => fabric.objects,
    open: () => openChanges(workers),
    findings: () => state.findings(),
    exists: (object) => existsIn(cluster.snapshot(), object),
    membership: () => compiler.desired?.compiled.membership ?? new Map(),
    epgOf: (group) => epgDn(settings, compiler.desired?.joined.of.get(group) ?? group),
    nodeOf: (pod) => cluster.snapshot().pods.get(pod)?.node,
    isPublished: (node) => publisher.isPublished(node),
  });
}

/** What the last plan would change, what keeps it from doing so, and what it does not speak of yet. */
function openChanges(workers: SyncWorkers): readonly OpenChange[] {
  const { applier, drift } = workers;
  const away = awayOf(workers);
  const pending = applier.pending.map((change) => ({
    dn: change.object.dn,
    className: change.object.className,
    phase: 'pending' as const,
    why: [reasonOf(change), ...away].join('; '),
  }));
  const refused = applier.findings.flatMap(({ code, object, message }): readonly OpenChange[] => {
    const phase = PHASE_OF[code];
    return phase === undefined ? [] : [{ dn: object.replace(/^ACI\//, ''), className: '', phase, why: message }];
  });
  const missing = applier.missing.map((dn) => ({
    dn,
    className: '',
    phase: 'waiting' as const,
    why: 'an admin should have made it (own: false), and it is not there',
  }));
  const held = (applier.waiting?.changes ?? []).map(({ object: { dn, className } }) => ({
    dn,
    className,
    phase: 'waiting' as const,
    why: `its deletion waits for approval: acigw approve ${applier.waiting?.hash}`,
  }));
  return [
    ...pending,
    ...refused,
    ...missing,
    ...held,
    ...unplanned(workers),
    ...drift.rows.filter(stands).map(drifting),
  ];
}

/** Why an object may be as it is whatever is planned: a side that is not known at the moment. */
const awayOf = ({ cluster, fabric }: SyncWorkers): readonly string[] => [
  ...(fabric.trusted ? [] : [`the APIC: ${fabric.trouble ?? 'not listed yet'}`]),
  ...cluster.unknown.map((trouble) => `Kubernetes: ${trouble}; what is wanted is of the cluster as it was known last`),
];

/**
 * Wanted objects that are not there and not in the last plan: below what an admin should have made, or wanted since it was made,
 * as while the APIC is away. Not what somebody deleted and the gateway leaves so.
 */
function unplanned(workers: SyncWorkers): readonly OpenChange[] {
  const { applier, bridged, fabric, drift } = workers;
  if (applier.settled && applier.missing.length === 0) return [];
  const known = new Set(applier.pending.map(({ object }) => object.dn));
  const deleted = new Set(drift.rows.flatMap(({ dn, field }) => (field === DELETED ? [dn] : [])));
  const changes: OpenChange[] = [];
  for (const object of bridged.wanted?.objects.values() ?? []) {
    const { dn, className } = object;
    if (known.has(dn) || fabric.objects.has(dn) || isStep(object)) continue;
    if (deleted.has(dn) || hasAncestorIn(deleted, dn)) continue;
    const missing = applier.missing.find((above) => isWithin(dn, above));
    const why = [missing === undefined ? NOT_THERE : `${missing} is not there`, ...awayOf(workers)].join('; ');
    changes.push({ dn, className, phase: missing === undefined ? 'pending' : 'waiting', why });
  }
  return changes;
}

/** Whether what somebody changed is left as it is for now, and not for good: what is adopted is as it should be. */
const stands = ({ state, policy }: DriftRow): boolean =>
  state === 'backing-off' || (state === 'standing' && policy === 'report');

const drifting = ({ dn, className, field, wanted, found, policy, state }: DriftRow): OpenChange => ({
  dn,
  className,
  phase: 'drifting',
  why: `${field}: ${wanted ?? 'as wanted'} was changed to ${found ?? 'something else'} (drift policy: ${policy}, ${state})`,
});

const PHASE_OF: Readonly<Partial<Record<string, OpenChange['phase']>>> = {
  APIC_REJECTED: 'parked',
  NAME_IN_USE: 'taken',
  OTHERS_BELOW: 'waiting',
  EXT_DUP: 'taken',
};

const NOT_THERE = 'the fabric does not have it yet';

function reasonOf(change: Change): string {
  if (change.kind === 'create') return NOT_THERE;
  if (change.kind === 'delete') return 'nobody asks for it any more';
  return `the fabric has other values in ${change.fields.join(', ')}`;
}

/** Whether the cluster has the object: a watched one by its kind and name. */
function existsIn(snapshot: ClusterSnapshot, object: string): boolean {
  const [kind = '', ...rest] = object.split('/');
  const key = rest.join('/');
  switch (kind) {
    case 'Pod':
      return snapshot.pods.has(key);
    case 'Namespace':
      return snapshot.namespaces.has(key);
    case 'Node':
      return snapshot.nodes.has(key);
    case 'NetworkPolicy':
      return snapshot.policies.has(key);
    case 'FabricPolicy':
      // One that is refused opens nothing, and is known by what there is to say of it.
      return snapshot.policies.has(object) || snapshot.findings.some((finding) => finding.object === object);
    default:
      return snapshot.tieredPolicies.has(object);
  }
}
