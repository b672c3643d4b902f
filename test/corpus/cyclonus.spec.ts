import assert from 'node:assert/strict';
import type { KubernetesObject } from '#model/kubernetes';
import { corpusJson, counted, inCase, sum } from '#support/corpus';
import { PolicyLevels, type Probe } from '#support/policy-levels';
import { type ServingPod, servingCluster } from '#support/serving-cluster';

interface ClusterState {
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly pods: readonly ServingPod[];
}

interface Step {
  readonly policies: readonly KubernetesObject[];
  readonly state?: Partial<ClusterState>;
  readonly blocked: Readonly<Record<string, readonly string[]>>;
}

interface CyclonusCase {
  readonly index: number;
  readonly description: string;
  readonly steps: readonly Step[];
}

interface CyclonusData {
  readonly default: ClusterState;
  readonly cases: readonly CyclonusCase[];
}

const SERVED = ['TCP', 'UDP', 'SCTP'].flatMap((protocol) =>
  [80, 81].map((port) => ({ protocol: protocol as Probe['protocol'], port })),
);

/** Checks every ordered pair of different pods on every served port; gives the number of probes. */
function checkStep(data: CyclonusData, step: Step): number {
  const state = { ...data.default, ...step.state };
  const levels = new PolicyLevels(servingCluster({ ...state, policies: step.policies }));
  const places = [...levels.places.values()];
  let probes = 0;
  for (const { protocol, port } of SERVED) {
    const blocked = new Set(step.blocked[`${protocol}/${port}`]);
    for (const source of places) {
      for (const destination of places) {
        if (source === destination) continue;
        probes += 1;
        levels.check({ source, destination, protocol, port }, !blocked.has(`${source.key}>${destination.key}`));
      }
    }
  }
  return probes;
}

describe('corpus: generated cases of cyclonus', () => {
  it('agree with specification, matrix and managed objects on every probe', () => {
    const data = corpusJson('cyclonus/cases.json') as CyclonusData;
    const probes = data.cases.flatMap(({ index, description, steps }) =>
      steps.map((step) => inCase(`case ${index}, ${description}`, () => checkStep(data, step))),
    );
    console.log(`      ${data.cases.length} cases, ${probes.length} steps, ${sum(probes)} probes`);
    assert.equal(data.cases.length, counted(230, 6));
    assert.equal(probes.length, counted(256, 9));
    assert.equal(sum(probes), counted(111_036, 648));
  }).timeout(90_000);
});
