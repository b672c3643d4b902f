import { type Change, type ChangeReason, deletedShare, type FabricPlan } from '#fabric';
import { PLAN_SCHEMA, type PlanChangeView, type PlanReasonView, type PlanView, type WaitingDeletions } from '#ports';
import { shareOf } from './deletion-approvals.js';

/** A plan in the form in which it is printed and served, of a cluster that is known. `podsIn` says how many pods an EPG holds, by its Dn. */
export function planView(plan: FabricPlan, podsIn: (epgDn: string) => number): PlanView {
  const { blast } = plan;
  const groups = blast.groups.map((dn) => ({ dn, pods: podsIn(dn) }));
  return {
    schema: PLAN_SCHEMA,
    hash: plan.hash,
    counts: plan.counts,
    phases: plan.phases.map(({ name, batches }) => ({
      name,
      posts: batches.length,
      changes: batches.flatMap(({ changes }) => changes.map((change) => changeView(change, plan))),
    })),
    blast: {
      classes: Object.entries(blast.classes).map(([name, counts]) => ({ class: name, ...counts })),
      groups,
      pods: groups.reduce((sum, { pods }) => sum + pods, 0),
      contracts: blast.contracts,
      deleted: blast.deleted,
      owned: blast.owned,
      deletedShare: deletedShare(blast),
    },
    waiting: waitingView(plan) ?? null,
    missing: plan.missing,
    clusterTroubles: [],
    findings: [...plan.conflicts, ...plan.notes],
  };
}

/** The deletions of a plan that wait; undefined when none do. */
export function waitingView(plan: FabricPlan): WaitingDeletions | undefined {
  const { hash, objects, owned, changes } = plan.waiting;
  if (changes.length === 0) return undefined;
  const views = changes.map((change) => changeView(change, plan));
  return { hash, objects, owned, share: shareOf(plan.waiting), changes: views };
}

function changeView(change: Change, { reasons }: FabricPlan): PlanChangeView {
  const { className, dn, attributes } = change.object;
  const fields = change.kind === 'delete' ? [] : change.fields;
  return {
    change: change.kind,
    class: className,
    dn,
    set: Object.fromEntries(fields.map((field) => [field, attributes[field] ?? ''])),
    reason: reasonView(reasons.get(dn)),
  };
}

const reasonView = (reason: ChangeReason = { kind: 'wanted', sources: [] }): PlanReasonView =>
  reason.kind === 'differs' ? reason : { ...reason, attributes: [] };
