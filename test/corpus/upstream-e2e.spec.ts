import assert from 'node:assert/strict';
import type { KubernetesObject } from '#model/kubernetes';
import { corpusJson, counted, inCase, sum } from '#support/corpus';
import { PolicyLevels, type Probe } from '#support/policy-levels';
import { servingCluster } from '#support/serving-cluster';

type Labels = Readonly<Record<string, string>>;

interface Check {
  readonly toPort: number;
  readonly protocol: Probe['protocol'];
  readonly blocked: readonly string[];
}

interface Step {
  readonly policies: readonly KubernetesObject[];
  readonly namespaceLabels: Readonly<Record<string, Labels>>;
  readonly podLabels: Readonly<Record<string, Labels>>;
  readonly checks: readonly Check[];
}

interface UpstreamTest {
  readonly name: string;
  readonly pods: readonly string[];
  readonly podIPs: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

/** The cluster of a test at one step: pods carry the label `pod`, as upstream's do. */
function levelsOf(test: UpstreamTest, step: Step): PolicyLevels {
  const names = [...new Set(test.pods.map((key) => key.split('/')[0] ?? ''))];
  return new PolicyLevels(
    servingCluster({
      namespaces: Object.fromEntries(names.map((name) => [name, step.namespaceLabels[name] ?? {}])),
      pods: test.pods.map((key) => {
        const [namespace = '', name = ''] = key.split('/');
        return { namespace, name, labels: { pod: name, ...step.podLabels[key] }, ip: test.podIPs[key] ?? '' };
      }),
      policies: step.policies,
    }),
  );
}

/** Checks every ordered pair of different pods; gives their number. */
function checkStep(test: UpstreamTest, step: Step): number {
  const levels = levelsOf(test, step);
  let cells = 0;
  for (const { toPort: port, protocol, blocked } of step.checks) {
    for (const from of test.pods) {
      for (const to of test.pods.filter((key) => key !== from)) {
        cells += 1;
        const probe = { source: levels.place(from), destination: levels.place(to), protocol, port };
        levels.check(probe, !blocked.includes(`${from}>${to}`));
      }
    }
  }
  return cells;
}

describe('corpus: upstream e2e tests of NetworkPolicy', () => {
  it('agree with specification, matrix and managed objects in every cell', () => {
    const { tests } = corpusJson('upstream-e2e/cases.json') as { readonly tests: readonly UpstreamTest[] };
    const cells = tests.map((test) => inCase(test.name, () => sum(test.steps.map((step) => checkStep(test, step)))));
    console.log(`      ${tests.length} tests, ${sum(cells)} cells`);
    assert.equal(tests.length, counted(48, 5));
    assert.equal(sum(cells), counted(506, 132));
  });
});
