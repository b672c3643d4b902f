import assert from 'node:assert/strict';
import fc from 'fast-check';
import { groupPools, nodePolicies } from '#mappers';
import type { ClusterSnapshot, KubernetesObject } from '#model/kubernetes';
import type { NodePolicy } from '#model/node';
import { EMPTY_ALLOCATION, type Finding } from '#model/policy';
import { DEFAULT_LIMITS, type FabricSettings } from '#model/settings';
import { compileOpen, NOTHING_JOINED, policiesOf } from '#policy';
import { silentLogger, systemClock } from '#runtime';
import { clusterArbitrary } from '#support/cluster-arbitrary';
import { CompileStack } from '#support/compile-stack';
import { foreignEpgsArbitrary, foreignHistories } from '#support/foreign-epgs-arbitrary';
import { LAYOUTS } from '#support/path-layouts';
import { OWN_FABRIC, SHARED_VRF } from '#support/settings';
import { WatchedCluster } from '#support/watched-cluster';
import { fabricPolicy } from '#workers';
import { ClusterMirror } from '../../workers/cluster-mirror.js';
import { OpenPolicy, type OpenPolicyContext } from '../../workers/open-policy.js';

const limitedTo = (limits: Partial<typeof DEFAULT_LIMITS>): FabricSettings['budget'] => ({
  hostPortsPerLeaf: 10,
  limits: { ...DEFAULT_LIMITS, ...limits },
});

/** Fabrics with room for everything, and with too little of one thing; groups bound once, and path by path. */
const fabrics: fc.Arbitrary<FabricSettings> = fc
  .record({
    vlans: fc.constantFrom(900, 900, 8, 4),
    budget: fc.constantFrom(
      limitedTo({}),
      limitedTo({}),
      limitedTo({ contracts: 4 }),
      limitedTo({ externalGroups: 2 }),
    ),
    vzAnyContracts: fc.constantFrom('auto' as const, 'always' as const, 'never' as const),
    layout: fc.constantFrom(undefined, undefined, undefined, ...LAYOUTS),
    place: fc.constantFrom(OWN_FABRIC, { ...OWN_FABRIC, tenant: { name: 'k8s', own: false } }, SHARED_VRF),
  })
  .map(({ vlans, layout, place, ...settings }) => ({
    ...place,
    ...settings,
    vlanPool: { ...OWN_FABRIC.vlanPool, from: 100, to: 99 + vlans },
    ...(layout === undefined ? {} : { encoding: 'path' as const, hostPaths: layout }),
  }));

const contexts = fc.record({
  settings: fabrics,
  foreignEpgs: foreignEpgsArbitrary,
  nodeEpg: fc.constantFrom(undefined, { dn: 'uni/tn-k8s/ap-infra/epg-nodes' }),
  mergeAfterMs: fc.constantFrom(0, 0, 1000),
  restForMs: fc.constantFrom(0, 0, 500),
});

/** Clusters whose pods run on the hosts of the layouts. */
const clusters = clusterArbitrary.map(({ objects }) => {
  const onNode = (pod: KubernetesObject, index: number): KubernetesObject => ({
    ...pod,
    spec: { ...(pod['spec'] as object), nodeName: `n${(index % 2) + 1}` },
  });
  return new WatchedCluster({ ...objects, pods: objects.pods.map(onNode) });
});

const EMPTY_MEMORY = {
  allocation: EMPTY_ALLOCATION,
  budget: { plan: undefined, escalations: new Set<never>(), counted: NOTHING_JOINED, coarser: NOTHING_JOINED },
  plain: undefined,
};

const histories = fc.array(clusters, { minLength: 2, maxLength: 3 });
const sizes = fc.infiniteStream(fc.integer({ min: 1, max: 4 }));

describe('compiling: change by change', () => {
  it('is, after each change, what is compiled anew with the names and decisions of now', () => {
    let [steps, reopened, compared, kept] = [0, 0, 0, 0];
    fc.assert(
      fc.property(
        histories,
        sizes,
        contexts,
        fc.record({ others: foreignHistories, pauses: fc.infiniteStream(fc.integer({ min: 0, max: 700 })) }),
        (states, bursts, given, { others, pauses }) => {
          const mirror = new ClusterMirror({ changed: () => undefined, clock: systemClock(), log: silentLogger });
          let context: OpenPolicyContext = { ...given, snapshot: () => mirror.snapshot() };
          const cluster = new WatchedCluster({});
          cluster.list(mirror);
          let now = 0;
          let policy = new OpenPolicy(context, EMPTY_MEMORY, now);
          for (const target of states) {
            let open = cluster.eventsTo(target);
            while (open.length > 0) {
              const some = open.slice(0, bursts.next().value);
              open = open.slice(some.length);
              for (const event of some) cluster.take(event, mirror);
              now += pauses.next().value;
              const before = policy.wanted;
              steps += 1;
              const other = others.next().value;
              context = { ...context, ...other };
              if (!policy.update({ ...mirror.takeDelta(), ...other }, now)) {
                policy = new OpenPolicy(context, policy.memory, now);
                reopened += 1;
              }
              if (policy.wanted.objects === before.objects) kept += 1;
              if (policy.nextDue !== undefined) continue;
              compared += 1;
              assertSame(policy, new OpenPolicy(context, policy.memory, now));
              if (policy.isKept) assertSlices(policy, mirror.snapshot(), given.settings);
            }
          }
        },
      ),
      { numRuns: 80 },
    );
    assert.ok(compared > 500 && reopened > 0 && kept > 25, JSON.stringify({ steps, reopened, compared, kept }));
  }).timeout(240_000);

  it('says of a policy what compiling it offline says', () => {
    let aboutPlans = 0;
    fc.assert(
      fc.property(clusters, contexts, fc.boolean(), (target, { settings: base, ...given }, open) => {
        const settings: FabricSettings = open ? { ...OWN_FABRIC, vzAnyContracts: 'always' } : base;
        const mirror = new ClusterMirror({ changed: () => undefined, clock: systemClock(), log: silentLogger });
        target.list(mirror);
        const snapshot = mirror.snapshot();
        const { foreignEpgs, nodeEpg } = given;
        const policy = new OpenPolicy({ ...given, settings, snapshot: () => snapshot }, EMPTY_MEMORY, 0);
        const options = { ...groupPools(settings), foreignEpgs, nodeEpg };
        const { compiler, compiled } = compileOpen(snapshot, EMPTY_ALLOCATION, options);
        const { hosts } = fabricPolicy(compiled, snapshot, { settings, policiesOf: policiesOf(compiler) });
        const texts = (findings: readonly Finding[]): readonly string[] =>
          findings.map((finding) => JSON.stringify(finding)).sort();
        assert.deepEqual(texts(policy.details.compiled().findings), texts(hosts.findings));
        if (policy.isKept) aboutPlans += hosts.findings.length - compiled.findings.length;
      }),
      { numRuns: 200 },
    );
    assert.ok(aboutPlans > 3, `${aboutPlans} findings about plans`);
  }).timeout(60_000);

  it('agrees with every audit', () => {
    let done = 0;
    fc.assert(
      fc.property(histories, sizes, contexts, foreignHistories, (states, bursts, given, others) => {
        let { foreignEpgs } = given;
        const stack = new CompileStack(given.settings, { ...given, foreignEpgs: () => foreignEpgs });
        const cluster = new WatchedCluster({});
        stack.fabric.replaced([]);
        cluster.list(stack.cluster);
        for (const target of states) {
          let open = cluster.eventsTo(target);
          while (open.length > 0) {
            const some = open.slice(0, bursts.next().value);
            open = open.slice(some.length);
            for (const event of some) cluster.take(event, stack.cluster);
            foreignEpgs = others.next().value.foreignEpgs ?? foreignEpgs;
            stack.worker.audit();
            assert.deepEqual(stack.errors, []);
          }
        }
        assert.equal(stack.worker.audits.differences, 0);
        done += stack.worker.audits.done;
      }),
      { numRuns: 60 },
    );
    assert.ok(done > 300, `${done} audits`);
  }).timeout(120_000);
});

/** Equal objects and groups of pods; where nothing has to be fitted also all else that is said of the policy. */
function assertSame(kept: OpenPolicy, whole: OpenPolicy): void {
  assert.deepEqual(new Map([...kept.plainObjects].sort(byKey)), new Map([...whole.plainObjects].sort(byKey)));
  assert.deepEqual(kept.membership, whole.membership);
  assert.deepEqual(kept.wanted.references.toSorted(), whole.wanted.references.toSorted());
  if (kept.isKept) assert.deepEqual(detailsOf(kept), detailsOf(whole));
}

/** The slices that are kept are those that are made of the whole policy at once, with the same revisions. */
function assertSlices({ details }: OpenPolicy, snapshot: ClusterSnapshot, settings: FabricSettings): void {
  const whole = nodePolicies(details.compiled(), snapshot, settings);
  assert.deepEqual([...details.nodes().values()], whole);
}

/** Without the revisions of slices, and findings in whatever order. */
const detailsOf = ({ details, wanted }: OpenPolicy): unknown => ({
  objects: new Map([...wanted.objects].sort(byKey)),
  contracts: details.contracts(),
  forecast: details.forecast(),
  slices: [...details.nodes().values()].map(withoutRevision),
  findings: details
    .compiled()
    .findings.map((finding) => JSON.stringify(finding))
    .sort(),
});

function withoutRevision(policy: NodePolicy): object {
  const { revision: _, ...slice } = policy;
  return slice;
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);
