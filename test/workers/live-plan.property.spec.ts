import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type FabricPlan, LivePlan, type PlanOptions, planFabric, SharedMap } from '#fabric';
import { type FlatObject, type ObjectMap } from '#model/aci';
import { silentLogger } from '#runtime';
import { clusterArbitrary } from '#support/cluster-arbitrary';
import { chosenBy, fabricEvent, happen, sharedFrom } from '#support/fabric-events';
import { desired, type PlanWay } from '#support/plan-check';
import { OWN_FABRIC } from '#support/settings';
import { WIDE_POOL } from '#support/verdict-table';
import { FabricMirror } from '../../workers/fabric-mirror.js';

const WAY: PlanWay = {
  options: { ...WIDE_POOL, groupBoundary: 'namespace', preSplit: false },
  settings: [OWN_FABRIC, OWN_FABRIC],
  batchSize: 25,
};

/** Policies of a few clusters, what happens to the fabric under each, and how plans are made. */
const histories = fc.record({
  states: fc.array(
    fc.record({ cluster: clusterArbitrary, isShared: fc.boolean(), events: fc.array(fabricEvent, { maxLength: 12 }) }),
    { minLength: 1, maxLength: 4 },
  ),
  references: fc.constantFrom<readonly string[]>(
    [],
    ['uni/tn-k8s/out-external'],
    ['uni/tn-k8s/BD-missing', 'uni/tn-k8s'],
  ),
  salt: fc.nat(1000),
  mayDelete: fc.constantFrom<PlanOptions['mayDelete']>(
    undefined,
    ({ changes }) => changes,
    () => [],
    ({ changes }) => changes.filter(chosenBy(7, 2)),
  ),
});

/** Everything that a plan says, comparable. */
const saidBy = (plan: FabricPlan): unknown => ({
  ...plan,
  reasons: [...plan.reasons].sort(([a], [b]) => (a < b ? -1 : 1)),
});

describe('plan, change by change', () => {
  it('is, after each step of a history, the plan that is made of both sides at once', () => {
    const seen = {
      plans: 0,
      empty: 0,
      conflicts: 0,
      notes: 0,
      missing: 0,
      held: 0,
      partly: 0,
      modified: 0,
      deleted: 0,
    };
    fc.assert(
      fc.property(histories, ({ states, references, salt, mayDelete }) => {
        const fabric = new FabricMirror(() => undefined, silentLogger);
        const live = new LivePlan('test');
        const isHeld = chosenBy(salt + 1, 40);
        const options: PlanOptions = {
          references,
          clusterId: 'test',
          limits: { objects: 20, bytes: 20_000 },
          parked: chosenBy(salt, 40),
          adjust: (change) => (isHeld(change) ? undefined : change),
          mayDelete,
        };
        let shared = SharedMap.of<FlatObject>([]);
        const check = (wanted: ObjectMap): FabricPlan => {
          live.update(wanted, fabric.objects, fabric.takeChanged());
          const plan = live.plan(options);
          const whole = planFabric({ ...options, desired: wanted, actual: fabric.objects });
          assert.deepEqual(saidBy(plan), saidBy(whole));
          note(seen, plan);
          return plan;
        };
        fabric.replaced([]);
        for (const { cluster, isShared, events } of states) {
          const { fabric: objects } = desired(cluster.objects, WAY);
          shared = sharedFrom(shared, objects);
          const wanted = isShared ? shared : objects;
          let plan = check(wanted);
          for (const event of events) {
            happen({ fabric, desired: wanted, plan }, event);
            plan = check(wanted);
          }
        }
      }),
      { numRuns: 150 },
    );
    for (const [what, count] of Object.entries(seen)) assert.ok(count > 20, `${what}: ${JSON.stringify(seen)}`);
  }).timeout(240_000);
});

function note(seen: Record<string, number>, plan: FabricPlan): void {
  const add = (what: string, is: boolean): void => {
    if (is) seen[what] = (seen[what] ?? 0) + 1;
  };
  add('plans', true);
  add('empty', plan.phases.length === 0);
  add('conflicts', plan.conflicts.length > 0);
  add('notes', plan.notes.length > 0);
  add('missing', plan.missing.length > 0);
  add('held', plan.waiting.changes.length > 0);
  add('partly', plan.waiting.changes.length > 0 && plan.waiting.changes.length < plan.deletions.changes.length);
  add('modified', plan.counts.modify > 0);
  add('deleted', plan.counts.delete > 0);
}
