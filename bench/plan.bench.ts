// What one policy change costs after it was compiled: the plan and the slices of the nodes, kept change by change and made
// whole, both in the same run and of the same change.
//
// Scenario S2 of policy.md §3.13 (1,000 namespaces, 10,009 pods, 2,000 policies, 35,176 managed objects) on 40 nodes, converged.
// One policy goes or comes back; the hashes and revisions of both ways must be equal. Wall time, as it is what blocks the
// event loop; medians of 200 changes after 100 that warm up, whole ones of 20.
//
//   plan      kept change by change, p50 at most 3 ms; whole at least 20 times as long
//   slices    of all nodes, p50 at most 12 ms; whole at least 8 times as long
//   longest   single run of each, which the event loop waits for: printed only, as garbage collection is in it
//
// Found, two cores with much other work on them (load 3 to 5): plan p50 1.9 ms (p99 9), whole 286 ms; slices p50 4.0 ms (p99
// 13, longest 16), whole 98 ms (longest 325); 3.0 POSTs a change.
import { performance } from 'node:perf_hooks';
import { LivePlan, type PlanOptions, planFabric } from '#fabric';
import { nodePolicies } from '#mappers';
import type { KubernetesObject } from '#model/kubernetes';
import { EMPTY_ALLOCATION } from '#model/policy';
import { NOTHING_JOINED } from '#policy';
import { silentLogger, systemClock } from '#runtime';
import { OWN_FABRIC } from '#support/settings';
import { WatchedCluster } from '#support/watched-cluster';
import { ClusterMirror } from '../workers/cluster-mirror.js';
import { FabricMirror } from '../workers/fabric-mirror.js';
import { OpenPolicy } from '../workers/open-policy.js';
import { judge, percentile } from './figures.js';
import { scenario } from './policy-scenarios.js';

const NODES = 40;
const WARM_UP = 100;
const CHANGES = 200;
const WHOLE_EVERY = 10;
const SETTINGS = { ...OWN_FABRIC, vlanPool: { ...OWN_FABRIC.vlanPool, from: 2, to: 4094 } };
const NO_MEMORY = {
  allocation: EMPTY_ALLOCATION,
  budget: { plan: undefined, escalations: new Set<never>(), counted: NOTHING_JOINED, coarser: NOTHING_JOINED },
  plain: undefined,
};

/** Milliseconds of the work, and what it gives. */
function timed<Result>(work: () => Result): readonly [milliseconds: number, result: Result] {
  const start = performance.now();
  const result = work();
  return [performance.now() - start, result];
}

/** The scenario with its pods dealt out to the nodes in turn. */
const { objects } = scenario('S2');
const onNodes = objects.pods.map(
  (pod, index): KubernetesObject => ({
    ...pod,
    spec: { ...(pod['spec'] as object), nodeName: `node-${index % NODES}` },
  }),
);
const cluster = new ClusterMirror({ changed: () => undefined, clock: systemClock(), log: silentLogger });
new WatchedCluster({ ...objects, pods: onNodes }).list(cluster);
const policy = new OpenPolicy(
  { settings: SETTINGS, foreignEpgs: [], mergeAfterMs: 0, restForMs: 0, snapshot: () => cluster.snapshot() },
  NO_MEMORY,
  0,
);
cluster.takeDelta();
const fabric = new FabricMirror(() => undefined, silentLogger);
fabric.replaced([]);
const live = new LivePlan(SETTINGS.clusterId);
const options: PlanOptions = {
  references: [],
  clusterId: SETTINGS.clusterId,
  limits: { objects: 500, bytes: 500_000 },
};

const planLive = () => {
  live.update(policy.wanted.objects, fabric.objects, fabric.takeChanged());
  return live.plan(options);
};
const planWhole = () => planFabric({ ...options, desired: policy.wanted.objects, actual: fabric.objects });
const carryOut = (plan: ReturnType<typeof planLive>): void => {
  for (const { batches } of plan.phases) for (const { changes } of batches) fabric.applied(changes);
};

const [first, plan] = timed(planLive);
const [firstWhole] = timed(planWhole);
console.log(
  `S2: ${policy.wanted.objects.size} objects; the first plan (${plan.counts.create} to create) ` +
    `${first.toFixed(0)} ms, whole ${firstWhole.toFixed(0)} ms`,
);
carryOut(plan);
carryOut(planLive());
const [firstSlices, slices] = timed(() => policy.details.nodes());
console.log(`     ${slices.size} nodes; their first slices ${firstSlices.toFixed(0)} ms`);

const figures = {
  plan: [] as number[],
  planWhole: [] as number[],
  slices: [] as number[],
  slicesWhole: [] as number[],
};
const policies = objects.policies.filter(({ metadata }) => metadata.name === 'front');
let posts = 0;
for (let index = -WARM_UP; index < CHANGES; index += 1) {
  const changed = policies[((index + WARM_UP) >> 1) % policies.length] as KubernetesObject;
  if (index % 2 === 0) cluster.removed('networkpolicies', changed);
  else cluster.changed('networkpolicies', changed);
  if (!policy.update(cluster.takeDelta(), index)) throw new Error('the policy has to be opened anew');
  const [planMs, next] = timed(planLive);
  const [slicesMs, nodes] = timed(() => policy.details.nodes());
  if (index % WHOLE_EVERY === 0) measureWhole(next.hash, nodes);
  if (index >= 0) {
    figures.plan.push(planMs);
    figures.slices.push(slicesMs);
    posts += next.phases.reduce((sum, { batches }) => sum + batches.length, 0);
  }
  if (next.phases.length === 0) throw new Error('the change changes nothing');
  carryOut(next);
}

/** The same plan and slices made whole. */
function measureWhole(hash: string, nodes: ReturnType<typeof policy.details.nodes>): void {
  const [planMs, whole] = timed(planWhole);
  if (whole.hash !== hash) throw new Error('the plan differs from a whole one');
  const [slicesMs, made] = timed(() => nodePolicies(policy.details.compiled(), cluster.snapshot(), SETTINGS));
  for (const { node, revision } of made) {
    if (nodes.get(node)?.revision !== revision) throw new Error(`the slice of ${node} differs from a whole one`);
  }
  figures.planWhole.push(planMs);
  figures.slicesWhole.push(slicesMs);
}

const median = (values: readonly number[]): number => percentile(values, 0.5);
console.log(`     ${(posts / CHANGES).toFixed(1)} POSTs a change`);
for (const [name, values] of Object.entries(figures)) {
  const [p50, p99] = [percentile(values, 0.5), percentile(values, 0.99)];
  console.log(
    `     ${name}: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, longest ${Math.max(...values).toFixed(2)} ms`,
  );
}
judge('plan after one policy in S2, p50 ms', median(figures.plan), { atMost: 3 });
judge('a whole plan, times that', median(figures.planWhole) / median(figures.plan), { atLeast: 20 });
judge('slices after one policy in S2, p50 ms', median(figures.slices), { atMost: 12 });
judge('whole slices, times that', median(figures.slicesWhole) / median(figures.slices), { atLeast: 8 });
