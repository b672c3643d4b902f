import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { FabricMapper, type FabricMemory, fabricOf, mapFabric } from '#mappers';
import { toWire } from '#model/aci';
import { snapshotOf } from '#model/kubernetes';
import { EMPTY_ALLOCATION } from '#model/policy';
import { compilerTables, PolicyCompiler, resultOf } from '#policy';
import { checkCluster } from '#support/check-cluster';
import { deltaOf, realSteps } from '#support/cluster-history';
import { checkPlan, desired, type PlanWay } from '#support/plan-check';
import { OWN_FABRIC } from '#support/settings';
import { type SmallCluster, smallClusterInputs } from '#support/small-cluster';
import { type ClusterObjects, tableOf, tableText, verdictTable, WIDE_POOL } from '#support/verdict-table';

// Cases that once went wrong, one a file, in the form in which a failing random test prints them. `before` are states
// that the cluster went through: the compiler follows them change by change, and the fabric by plans.

const FOLDER = fileURLToPath(new URL('../../../test/regressions/', import.meta.url));

interface Regression extends SmallCluster {
  readonly before?: readonly Omit<SmallCluster, 'title'>[];
}

const objectsOf = (cluster: Omit<SmallCluster, 'title'>): ClusterObjects => {
  const { namespaces, nodes, pods, policies, tieredPolicies = [] } = smallClusterInputs({ title: '', ...cluster });
  return {
    namespaces: [...namespaces],
    nodes: [...nodes],
    pods: [...pods],
    policies: [...policies],
    tieredPolicies: [...tieredPolicies],
  };
};

/**
 * Goes through the states and holds the compiler to what it would be at once without merging pods, the mapper to what it
 * would be at once, and the fabric to make before break.
 */
function follow(states: readonly ClusterObjects[], way: PlanWay): void {
  const snapshots = states.map((objects) => snapshotOf(objects, 1));
  const compiler = new PolicyCompiler(EMPTY_ALLOCATION, way.options);
  const [settings] = way.settings;
  const mapper = new FabricMapper(settings);
  for (const [index, objects] of states.entries()) {
    const [before, now] = [snapshots[index - 1], snapshots[index]];
    assert.ok(now !== undefined);
    const remembered = copyOf(mapper.memory);
    const changes = compiler.apply(before === undefined ? now : deltaOf(now, realSteps(before, now)));
    mapper.update(compilerTables(compiler), changes);
    const result = { ...resultOf(compiler), findings: [] };
    assert.deepEqual(tableText(tableOf(objects, result)), tableText(verdictTable(objects)), `state ${index}`);
    const whole = mapFabric(result, settings, index === 0 ? {} : { before: remembered });
    assert.deepEqual(toWire(fabricOf(mapper, settings).tree), toWire(whole.tree), `fabric of state ${index}`);
  }
  const [first, ...others] = states;
  assert.ok(first !== undefined);
  let fabric = desired(first, way);
  for (const objects of others) {
    const next = desired(objects, way, fabric);
    checkPlan(fabric, next, way.batchSize);
    fabric = next;
  }
}

/** The mapper changes what it remembers in place. */
const copyOf = ({ anchors, ...rest }: FabricMemory): FabricMemory => ({
  ...rest,
  anchors: new Map(
    [...anchors].map(([name, { providers, consumers }]) => [
      name,
      { providers: new Set(providers), consumers: new Set(consumers) },
    ]),
  ),
});

const WAYS: readonly PlanWay[] = (['always', 'never'] as const).flatMap((vzAnyContracts) =>
  (['namespace', 'none'] as const).flatMap((groupBoundary) =>
    [1, 25].map((batchSize) => ({
      options: { ...WIDE_POOL, groupBoundary, preSplit: false },
      settings: [
        { ...OWN_FABRIC, vzAnyContracts },
        { ...OWN_FABRIC, vzAnyContracts },
      ] as const,
      batchSize,
    })),
  ),
);

describe('what once went wrong', () => {
  for (const file of readdirSync(FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .sort()) {
    const { before = [], ...given } = parse(readFileSync(`${FOLDER}${file}`, 'utf8')) as Regression;
    it(`${file}: ${given.title}`, () => {
      assert.ok((given.open ?? []).length + (given.closed ?? []).length > 0, 'a case says what must be open or closed');
      checkCluster(given);
      for (const way of WAYS) follow([...before, given].map(objectsOf), way);
    });
  }
});
