import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mapFabric } from '#mappers';
import type { KubernetesObject } from '#model/kubernetes';
import type { Finding } from '#model/policy';
import { type Dice, dice, faultyPolicy, faultyTiered } from '#support/bad-policies';
import { clusterArbitrary } from '#support/cluster-arbitrary';
import { addressesOf, policiesOf, withPolicies } from '#support/policy-rewriting';
import { OWN_FABRIC } from '#support/settings';
import { tieredOf, withTiered } from '#support/tiered-rewriting';
import {
  type ClusterObjects,
  compileObjects,
  gained,
  tableText,
  type VerdictTable,
  verdictTable,
} from '#support/verdict-table';

// What no validation let through: old objects, permissive servers, files (policy.md K5; issue "bad input"). A policy with
// a fault is compiled, says so, permits no more than it would without the bad part, and touches nobody else.
// ACIGW_FUZZ=20 makes twenty times as many.

const TIMES = Number(process.env['ACIGW_FUZZ'] ?? '1');
const RUNS = 1500 * TIMES;
/** Few addresses beside the pods': one in each block that generated policies name, and one in none. */
const OUTSIDE = ['192.0.2.1', '192.0.2.200', '203.0.113.9', '8.8.8.8', '2001:db8:1::1'];

const table = (objects: ClusterObjects): VerdictTable => verdictTable(objects, { outside: OUTSIDE });

/** Findings that say what is wrong with an object. */
const faultsOf = (objects: ClusterObjects, name: string): readonly Finding[] => {
  const compiled = compileObjects(objects);
  mapFabric(compiled, OWN_FABRIC);
  return compiled.findings.filter(({ object, code }) => object === name && code.startsWith('INVALID_'));
};

/** Rows of the table without the addresses. */
const rest = (whole: VerdictTable, left: ReadonlySet<string>): Readonly<Record<string, string>> =>
  tableText(new Map([...whole].filter(([pair]) => !pair.split(' > ').some((ip) => left.has(ip)))));

describe('bad policies are closed, are said, and stop nobody', () => {
  it('NetworkPolicies with a fault', function () {
    this.timeout(60_000 * TIMES);
    const faults = new Set<string>();
    fc.assert(
      fc.property(clusterArbitrary, dice, ({ objects }, random: Dice) => {
        const policies = policiesOf(objects);
        const chosen = policies[0] ?? { namespace: 'x', name: 'policy-0', spec: { podSelector: {} } };
        const others = policies.slice(1);
        const { fault, bad, bound } = faultyPolicy(chosen.spec, random);
        faults.add(fault);
        const broken = withPolicies(objects, [{ ...chosen, spec: bad as typeof bound }, ...others]);
        const name = `NetworkPolicy/${chosen.namespace}/${chosen.name}`;
        assert.ok(faultsOf(broken, name).length > 0, `no finding: ${fault}`);
        const after = table(broken);
        assert.deepEqual(
          gained(table(withPolicies(objects, [{ ...chosen, spec: bound }, ...others])), after),
          [],
          fault,
        );
        const own = objects.pods.filter(({ metadata }) => metadata.namespace === chosen.namespace);
        const left = new Set(own.flatMap(addressesOf));
        assert.deepEqual(rest(after, left), rest(table(withPolicies(objects, others)), left), fault);
      }),
      { numRuns: RUNS },
    );
    console.log(`      ${RUNS} NetworkPolicies, ${faults.size} different faults`);
    assert.ok(faults.size > 150, `only ${faults.size} different faults`);
  });

  it('policies of the tiers around NetworkPolicy with a fault', function () {
    this.timeout(60_000 * TIMES);
    const faults = new Set<string>();
    fc.assert(
      fc.property(clusterArbitrary, dice, ({ objects }, random: Dice) => {
        const policies = tieredOf(objects);
        const [chosen, ...others] = policies;
        fc.pre(chosen !== undefined);
        const { fault, bad, bound } = faultyTiered(chosen.spec, random);
        faults.add(fault);
        const broken = withTiered(objects, [{ ...chosen, spec: bad as typeof bound }, ...others]);
        assert.ok(faultsOf(broken, `${chosen.kind}/${chosen.name}`).length > 0, `no finding: ${fault}`);
        const allowed = table(withTiered(objects, [{ ...chosen, spec: bound }, ...others]));
        assert.deepEqual(gained(allowed, table(broken)), [], fault);
      }),
      { numRuns: RUNS },
    );
    console.log(`      ${RUNS} policies of the tiers, ${faults.size} different faults`);
    assert.ok(faults.size > 150, `only ${faults.size} different faults`);
  });
});

/** Words that specs are made of, so that random structure gets deep before it is refused. */
const WORDS =
  `podSelector namespaceSelector matchLabels matchExpressions key operator values ipBlock cidr except from to
ports port endPort protocol protocols policyTypes ingress egress subject namespaces pods networks nodes action priority
tier tcp destinationPort number range start end app containers initContainers name containerPort restartPolicy podIPs
podIP ip phase hostNetwork nodeName addresses type address`.split(/\s+/);
const TEXTS =
  `Ingress Egress In Exists TCP UDP Accept Allow Deny Pass Admin Baseline a web 10.0.0.0/8 0.0.0.0/0 10.9.9.9
Always Running InternalIP`.split(/\s+/);
const VALUES: readonly unknown[] = [...TEXTS, '', 0, 1, 80, 65_536, -1, 0.5, true, null];
const structure = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...VALUES),
    fc.array(tie('node'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...WORDS, '__proto__', 'constructor'), tie('node'), { maxKeys: 5 }),
  ),
})).node;
const spec = fc.dictionary(fc.constantFrom(...WORDS), structure, { maxKeys: 6 });

describe('objects of any structure stop nobody', () => {
  it('NetworkPolicies, policies of the tiers, nodes: each compiles, the pods of other namespaces keep what they had', function () {
    this.timeout(60_000 * TIMES);
    const KINDS = ['AdminNetworkPolicy', 'BaselineAdminNetworkPolicy', 'ClusterNetworkPolicy'];
    fc.assert(
      fc.property(clusterArbitrary, fc.oneof(spec, structure), fc.constantFrom(...KINDS), ({ objects }, body, kind) => {
        const metadata = { name: 'any', namespace: 'x' };
        const policy: KubernetesObject = {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata,
          spec: body,
        };
        const after = table({ ...objects, policies: [...objects.policies, policy] });
        const left = new Set(objects.pods.filter((pod) => pod.metadata.namespace === 'x').flatMap(addressesOf));
        assert.deepEqual(rest(after, left), rest(table(objects), left));
        const tier = { apiVersion: 'policy.networking.k8s.io/v1alpha1', kind, metadata: { name: 'any' }, spec: body };
        const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'any' }, status: body };
        const all = { ...objects, nodes: [...objects.nodes, node], tieredPolicies: [...objects.tieredPolicies, tier] };
        mapFabric(compileObjects(all), OWN_FABRIC);
      }),
      { numRuns: RUNS },
    );
    console.log(`      ${3 * RUNS} objects`);
  });

  it('pods and namespaces: the pods that are there keep what they had', function () {
    this.timeout(60_000 * TIMES);
    fc.assert(
      fc.property(clusterArbitrary, structure, structure, structure, ({ objects }, labels, body, status) => {
        const metadata = { name: 'any', namespace: 'z', labels, ownerReferences: labels };
        const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: body, status } as unknown as KubernetesObject;
        const own = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'z', labels } } as KubernetesObject;
        const all = { ...objects, pods: [...objects.pods, pod], namespaces: [...objects.namespaces, own] };
        mapFabric(compileObjects(all), OWN_FABRIC);
        const readable = { ...all, pods: [...objects.pods] };
        assert.deepEqual(tableText(table(readable)), tableText(table(objects)));
      }),
      { numRuns: RUNS },
    );
    console.log(`      ${2 * RUNS} objects`);
  });
});
