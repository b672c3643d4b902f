import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FabricEvaluator, planFabric } from '#fabric';
import { epgDn, fabricOf } from '#mappers';
import { canonicalMap, flatten, type ObjectMap } from '#model/aci';
import { snapshotOf } from '#model/kubernetes';
import { parseAddress } from '#model/net';
import { type CompiledPolicy, EMPTY_ALLOCATION } from '#model/policy';
import { DEFAULT_LIMITS, type FabricSettings, type Limits } from '#model/settings';
import { compile, specificationAllows } from '#policy';
import { clusterArbitrary, type GeneratedCluster } from '#support/cluster-arbitrary';
import { type FabricPlace, FlowQuestions } from '#support/fabric-flows';
import { NO_POLICIES } from '#support/no-policies';
import { afterBatch, inAnyOrder } from '#support/plan-steps';
import { OWN_FABRIC } from '#support/settings';
import { type FittedPolicy, fitToBudget } from '#workers';

// The policies stay as they are and the limits change, so that the gateway goes from one escalation to another. What the
// policies allow must pass at each step of the plan, in the old groups until the hosts follow and in the new ones from then on.
// Not asked about: a pod and an outside address that both change their group, as in the other test of plans.

const PORTS = [53, 80, 8000, 8080, 65_535] as const;

const budget = fc.record(
  {
    endpointGroups: fc.constantFrom(1, 2, 3, 5),
    externalGroups: fc.constantFrom(1, 2, 3),
    policyEntriesPerLeaf: fc.constantFrom(1, 10, 20, 40),
  },
  { requiredKeys: [] },
);

const settingsWith = (limits: Partial<Limits>): FabricSettings => ({
  ...OWN_FABRIC,
  budget: { hostPortsPerLeaf: 10, limits: { ...DEFAULT_LIMITS, ...limits } },
});

interface Stage {
  readonly fitted: FittedPolicy;
  readonly objects: ObjectMap;
}

function stageOf(compiled: CompiledPolicy, limits: Partial<Limits>, before?: Stage): Stage {
  const settings = settingsWith(limits);
  const fitted = fitToBudget(compiled, { settings, policiesOf: NO_POLICIES, before: before?.fitted.memory });
  return { fitted, objects: canonicalMap(flatten(fabricOf(fitted.mapper, settings).tree, '')) };
}

interface Connection {
  readonly text: string;
  readonly source: Place;
  readonly destination: Place;
  readonly port: number;
}

interface Place {
  readonly key: string;
  readonly ip: string;
}

/** Every TCP connection that the policies allow, of those that a pod takes part in. */
function allowedConnections({ endpoints, state }: GeneratedCluster): readonly Connection[] {
  return endpoints.flatMap((a) =>
    endpoints.flatMap((b) => {
      if (a === b || (a.endpoint.namespace ?? b.endpoint.namespace) === undefined) return [];
      return a.ips.flatMap((sourceIp) => {
        const destinationIp = b.ips.find((ip) => ip.includes(':') === sourceIp.includes(':'));
        if (destinationIp === undefined) return [];
        const ends = { source: a.endpoint, sourceIp, destination: b.endpoint, destinationIp, protocol: 'TCP' as const };
        return PORTS.filter((port) => specificationAllows(state, { ...ends, port })).map((port) => ({
          text: `${a.key} -> ${b.key} TCP/${port}`,
          source: { key: a.key, ip: sourceIp },
          destination: { key: b.key, ip: destinationIp },
          port,
        }));
      });
    }),
  );
}

const VRF = 'uni/tn-k8s/ctx-k8s';

/** Class of the place in the fabric of a stage. */
const classAt = ({ fitted: { hosts, joined }, objects }: Stage): ((place: Place) => string | undefined) => {
  const evaluator = new FabricEvaluator(objects.values());
  return ({ key, ip }) => {
    const group = hosts.membership.get(key);
    return group === undefined ? evaluator.externalClass(VRF, parseAddress(ip)) : (joined.of.get(group) ?? group);
  };
};

/** Connections between places of which one keeps its class, or which are both pods. */
function steady(connections: readonly Connection[], before: Stage, after: Stage): readonly Connection[] {
  const [first, second] = [classAt(before), classAt(after)];
  const moves = (place: Place): boolean => first(place) !== second(place);
  const isPod = ({ key }: Place): boolean => before.fitted.hosts.membership.has(key);
  return connections.filter(
    ({ source, destination }) => (isPod(source) && isPod(destination)) || !moves(source) || !moves(destination),
  );
}

function check(
  objects: ObjectMap,
  connections: readonly Connection[],
  { hosts, joined }: FittedPolicy,
  step: string,
): void {
  const flows = new FlowQuestions(new FabricEvaluator(objects.values()), VRF);
  const place = ({ key, ip }: Place): FabricPlace => {
    const group = hosts.membership.get(key);
    return group === undefined ? { ip } : { ip, epg: epgDn(OWN_FABRIC, joined.of.get(group) ?? group) };
  };
  for (const { source, destination, port, text } of connections) {
    assert.ok(flows.opens(place(source), place(destination), 'TCP', port), `${step}: ${text}`);
    assert.ok(flows.answers(place(source), place(destination), 'TCP', port), `${step}: ${text}, way back`);
  }
}

/** Phases that begin when the hosts have followed. */
const AFTER_BINDINGS: ReadonlySet<string> = new Set(['merge', 'tighten', 'unbind', 'remove']);

describe('fabric plan from one budget to another, step by step', () => {
  it('lets pass at each step what the policies allow', function () {
    this.timeout(240_000);
    let steps = 0;
    let probes = 0;
    const seen = new Set<string>();
    const ways = fc.record({
      budgets: fc.tuple(budget, budget),
      preSplit: fc.boolean(),
      size: fc.constantFrom(1, 4, 25),
    });
    fc.assert(
      fc.property(clusterArbitrary, ways, (cluster, { budgets, preSplit, size }) => {
        const options = { vlanPool: { from: 100, to: 999 }, foreignEpgs: [], preSplit };
        const compiled = compile(snapshotOf(cluster.objects, 1), EMPTY_ALLOCATION, options);
        const before = stageOf(compiled, budgets[0]);
        const after = stageOf(compiled, budgets[1], before);
        const connections = steady(allowedConnections(cluster), before, after);
        for (const { fitted } of [before, after]) {
          for (const escalation of fitted.memory.escalations) seen.add(escalation);
          if (fitted.joined.of.size > 0) seen.add('joined');
        }
        const plan = planFabric({
          desired: after.objects,
          actual: before.objects,
          references: [],
          clusterId: OWN_FABRIC.clusterId,
          limits: { objects: size },
        });
        let fabric = before.objects;
        for (const phase of plan.phases) {
          const { name } = phase;
          const moved = AFTER_BINDINGS.has(name);
          if (moved) check(fabric, connections, after.fitted, `before phase ${name}`);
          for (const [index, batch] of inAnyOrder(phase).entries()) {
            fabric = afterBatch(fabric, batch);
            steps += 1;
            probes += connections.length;
            check(fabric, connections, (moved ? after : before).fitted, `after batch ${index} of phase ${name}`);
          }
        }
        check(fabric, connections, after.fitted, 'at the end');
      }),
      { numRuns: 200 },
    );
    assert.deepEqual([...seen].sort(), ['established', 'joined', 'vzAny']);
    assert.ok(steps > 400 && probes > 20_000, `only ${steps} steps and ${probes} probes`);
  });
});
