import { epgDn } from '#mappers';
import type { FabricSettings } from '#model/settings';
import type { PlanState, PlanView, WaitingDeletions } from '#ports';
import type { ApplyWorker } from './apply-worker.js';
import type { ClusterMirror } from './cluster-mirror.js';
import type { DesiredState } from './desired-state.js';
import { planView, waitingView } from './plan-view.js';

/** Where the report looks, and what it calls when something may be done now. */
export interface PlanReportSources {
  readonly applier: ApplyWorker;
  readonly cluster: Pick<ClusterMirror, 'unknown'>;
  readonly desired: () => DesiredState | undefined;
  readonly settings: FabricSettings;
  readonly approved: () => void;
}

/** What the gateway is about to do, and what waits for somebody. */
export class PlanReport implements PlanState {
  readonly #sources: PlanReportSources;

  constructor(sources: PlanReportSources) {
    this.#sources = sources;
  }

  plan(): PlanView | undefined {
    const { applier, cluster, desired, settings } = this.#sources;
    const plan = applier.planNow();
    const wanted = desired();
    if (plan === undefined || wanted === undefined) return undefined;
    // Counting pods means making all of the compiled policy: only where somebody loses something.
    const podsIn = plan.blast.groups.length === 0 ? () => 0 : podCounter(wanted, settings);
    // Deletions that wait are in the plan itself.
    const findings = applier.findings.filter(({ code }) => code !== 'APPROVAL_NEEDED');
    return { ...planView(plan, podsIn), clusterTroubles: cluster.unknown, findings };
  }

  waiting(): WaitingDeletions | undefined {
    const plan = this.#sources.applier.planNow();
    return plan === undefined ? undefined : waitingView(plan);
  }

  approve(hash: string): boolean {
    const isApproved = this.#sources.applier.approve(hash);
    if (isApproved) this.#sources.approved();
    return isApproved;
  }
}

/** How many pods of the cluster are in an EPG as it is wanted; none in one that nobody wants. */
export function podCounter(
  { compiled, joined }: Pick<DesiredState, 'compiled' | 'joined'>,
  settings: FabricSettings,
): (dn: string) => number {
  const counts = new Map<string, number>();
  for (const group of compiled.membership.values()) {
    const dn = epgDn(settings, joined.of.get(group) ?? group);
    counts.set(dn, (counts.get(dn) ?? 0) + 1);
  }
  return (dn) => counts.get(dn) ?? 0;
}
