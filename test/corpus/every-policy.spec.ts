import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { policyInputs } from '#model/kubernetes';
import { corpusEntries, corpusObjects, corpusPath, counted, inCase, policyCorpus, sum } from '#support/corpus';
import { PolicyLevels } from '#support/policy-levels';
import { describeWith } from '#support/requirement';

/** Sets of Kubernetes manifests: all but the playbooks for the APIC. */
const manifestSets = (): readonly string[] =>
  corpusEntries('').filter((name) => name !== 'ansible-aci' && !/\.(json|md)$/.test(name));

const manifestsIn = (set: string): readonly string[] =>
  readdirSync(corpusPath(set), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.ya?ml$/.test(file))
    .sort()
    .map((file) => `${set}/${file}`);

/** Errors of a file compiled on its own, as text, and the number of its policies. */
function compileFile(file: string): { policies: number; tiered: number; errors: readonly string[] } {
  const inputs = policyInputs(corpusObjects([file]));
  const { findings } = new PolicyLevels(inputs);
  const errors = findings.filter(({ severity }) => severity === 'error');
  return {
    policies: [...inputs.policies].length,
    tiered: [...(inputs.tieredPolicies ?? [])].length,
    errors: errors.map(({ code, object, message }) => `${file}: ${code} ${object}: ${message}`),
  };
}

describe('corpus: every manifest file', () => {
  it('is read and compiled without an error', () => {
    const files = manifestSets().flatMap(manifestsIn);
    const results = files.map((file) => inCase(file, () => compileFile(file)));
    const policies = sum(results.map((result) => result.policies));
    const tiered = sum(results.map((result) => result.tiered));
    console.log(`      ${files.length} files, ${policies} NetworkPolicies, ${tiered} policies of other tiers`);
    assert.deepEqual(
      results.flatMap(({ errors }) => errors),
      [],
    );
    // The corpus counts 336 in all; the other 65 are in the cases of upstream's e2e tests.
    assert.equal(policies, counted(271, 4));
    assert.equal(tiered, counted(110, 7));
  });
});

describeWith([policyCorpus], 'corpus: kube-prometheus', () => {
  it('reports the policy of a hostNetwork DaemonSet as one without effect', () => {
    const { findings } = new PolicyLevels(policyInputs(corpusObjects(manifestsIn('kube-prometheus'))));
    assert.deepEqual(
      findings.filter(({ code }) => code === 'HOSTNET_SELECTED').map((finding) => finding.object),
      ['NetworkPolicy/monitoring/node-exporter'],
    );
  });
});
