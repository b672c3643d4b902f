import { planFabric } from '#fabric';
import { canonicalMap, type FlatObject } from '#model/aci';
import type { ClusterSnapshot } from '#model/kubernetes';
import type { ApplySettings, FabricSettings } from '#model/settings';
import type { CompileOptions } from '#policy';
import type { PlanView } from '#ports';
import { DeletionApprovals } from './deletion-approvals.js';
import { OpenPolicy } from './open-policy.js';
import { podCounter } from './plan-report.js';
import { planView } from './plan-view.js';
import { recoveredPolicy } from './recovered-policy.js';

/** What a plan without a running gateway is made from. */
export interface FirstPlanInput {
  readonly snapshot: ClusterSnapshot;
  /** All that the APIC holds of what the gateway mirrors. */
  readonly found: readonly FlatObject[];
  readonly settings: FabricSettings;
  readonly foreignEpgs: CompileOptions['foreignEpgs'];
  readonly nodeEpg?: CompileOptions['nodeEpg'];
  readonly apply: ApplySettings;
}

/** The plan that a gateway would make first that starts with this cluster and this fabric. */
export function firstPlan({ snapshot, found, settings, foreignEpgs, nodeEpg, apply }: FirstPlanInput): PlanView {
  const actual = canonicalMap(found);
  const context = { settings, foreignEpgs, nodeEpg, mergeAfterMs: 0, restForMs: 0, snapshot: () => snapshot };
  const policy = new OpenPolicy(context, recoveredPolicy(actual, settings), 0);
  const desired = policy.desired(snapshot.revision);
  const approvals = new DeletionApprovals(apply.approval, { uptime: () => 0 });
  const plan = planFabric({
    desired: desired.objects,
    actual,
    references: desired.references,
    clusterId: settings.clusterId,
    limits: { objects: apply.batchObjects, bytes: apply.batchBytes },
    mayDelete: approvals.mayDelete,
  });
  return planView(plan, podCounter(desired, settings));
}
