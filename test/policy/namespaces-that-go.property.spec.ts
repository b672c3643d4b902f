import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type ClusterSnapshot, type KubernetesObject, snapshotOf } from '#model/kubernetes';
import { EMPTY_ALLOCATION } from '#model/policy';
import { type CompileOptions, compile, isPolicyEndpoint, PolicyCompiler } from '#policy';
import { clusterArbitrary, type GeneratedCluster } from '#support/cluster-arbitrary';
import { deltaOf, snapshotAfter, stepsBetween } from '#support/cluster-history';
import { meaningOf } from '#support/compiler-meaning';
import { smallClusterInputs } from '#support/small-cluster';

// Where every change that is tried out has a namespace of its own, namespaces come and go for ever: one that is gone may leave nothing
// behind, and one that comes back is new.

const NAMES = ['x', 'y'] as const;

/** A policy whose subject and whose peer are looked for in all namespaces. */
const EVERYWHERE: KubernetesObject = {
  apiVersion: 'policy.networking.k8s.io/v1alpha2',
  kind: 'ClusterNetworkPolicy',
  metadata: { name: 'everywhere' },
  spec: {
    tier: 'Admin',
    priority: 500,
    subject: { namespaces: {} },
    ingress: [
      { action: 'Deny', from: [{ pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: 'a' } } } }] },
    ],
  },
};

/** Clusters in which some of the namespaces are gone, with all that was in them. */
const states = fc
  .tuple(clusterArbitrary, fc.subarray([...NAMES]))
  .map(([{ objects }, there]) => snapshotOf(withEverywhere(only(objects, new Set(there))), 1));

const options: fc.Arbitrary<CompileOptions> = fc.record({
  vlanPool: fc.constant({ from: 100, to: 4000 }),
  foreignEpgs: fc.constant([]),
  groupBoundary: fc.constantFrom('namespace' as const, 'none' as const),
  preSplit: fc.boolean(),
});

function only(objects: GeneratedCluster['objects'], names: ReadonlySet<string>): GeneratedCluster['objects'] {
  const inThem = ({ metadata }: KubernetesObject): boolean => names.has(metadata.namespace ?? '');
  return {
    ...objects,
    namespaces: objects.namespaces.filter(({ metadata }) => names.has(metadata.name)),
    pods: objects.pods.filter(inThem),
    policies: objects.policies.filter(inThem),
  };
}

const withEverywhere = (objects: GeneratedCluster['objects']): GeneratedCluster['objects'] => ({
  ...objects,
  tieredPolicies: [...objects.tieredPolicies, EVERYWHERE],
});

/** Namespaces that an index knows: those in which a scope of all namespaces can hold pods. */
function known<Item>(index: Index<Item>, everywhere: Item): readonly string[] {
  index.delete(everywhere);
  return [...index.add(everywhere)].sort();
}

interface Index<Item> {
  add(item: Item): readonly string[];
  delete(item: Item): unknown;
}

/** Namespaces that the subjects and the peers are looked for in. */
function knownTo({ policies }: PolicyCompiler): {
  readonly subjects: readonly string[];
  readonly peers: readonly string[];
} {
  const entry = [...policies.entries()].find(({ key }) => key === 'ClusterNetworkPolicy/everywhere');
  const [peer] = entry?.ingress?.[0]?.atoms ?? [];
  assert.ok(entry !== undefined && peer?.kind === 'pods');
  return { subjects: known(policies.subjects, entry), peers: known(policies.peers, peer) };
}

/** Namespaces of which there is something: an object of their own, a pod, or a policy or peer that names them by themselves. */
function thereIn({ namespaces, pods, policies }: ClusterSnapshot): ReturnType<typeof knownTo> {
  const inhabited = [...pods.values()].filter(isPolicyEndpoint).map(({ namespace }) => namespace);
  const sorted = (more: readonly string[]): readonly string[] =>
    [...new Set([...namespaces.keys(), ...inhabited, ...more])].sort();
  const naming = [...policies.values()].filter(({ ingress = [], egress = [] }) =>
    [...ingress, ...egress].some(
      ({ peers }) => peers !== 'any' && peers.some((peer) => peer.kind === 'pods' && peer.namespaces === 'own'),
    ),
  );
  return {
    subjects: sorted([...policies.values()].map(({ namespace }) => namespace)),
    peers: sorted(naming.map(({ namespace }) => namespace)),
  };
}

describe('policy compiler: namespaces that go', () => {
  it('leave nothing behind and come back as new ones, whatever is told first', function () {
    this.timeout(120_000);
    let [forgotten, outlived] = [0, 0];
    fc.assert(
      fc.property(
        fc.array(states, { minLength: 2, maxLength: 4 }),
        fc.infiniteStream(fc.nat()),
        options,
        (snapshots, numbers, how) => {
          const compiler = new PolicyCompiler(EMPTY_ALLOCATION, how);
          let [now] = snapshots as [ClusterSnapshot];
          compiler.apply(now);
          for (const target of snapshots.slice(1)) {
            const steps = [...stepsBetween(now, target)];
            while (steps.length > 0) {
              const some = steps.splice(numbers.next().value % steps.length, 1 + (numbers.next().value % 3));
              now = snapshotAfter(now, target, some);
              compiler.apply(deltaOf(target, some));
              const there = thereIn(now);
              assert.deepEqual(knownTo(compiler), there);
              if (there.subjects.length < NAMES.length) forgotten += 1;
              if (there.subjects.length > now.namespaces.size) outlived += 1;
              const whole = new PolicyCompiler(EMPTY_ALLOCATION, how);
              whole.apply(now);
              assert.deepEqual(meaningOf(compiler), meaningOf(whole));
            }
          }
        },
      ),
      { numRuns: 150 },
    );
    assert.ok(forgotten > 50, `only ${forgotten} times a namespace was gone`);
    assert.ok(outlived > 50, `only ${outlived} times something was there without its namespace`);
  });

  it('are new when they come back with other labels', () => {
    const from = { namespaceSelector: { matchLabels: { kind: 'preview' } } };
    const cluster = (labels: Readonly<Record<string, string>> | undefined): ClusterSnapshot =>
      snapshotOf(
        smallClusterInputs({
          title: 'a namespace for a preview',
          namespaces: { shop: {}, ...(labels && { preview: labels }) },
          pods: { 'shop/web': {}, ...(labels && { 'preview/web': {} }) },
          policies: { 'shop/web': { podSelector: {}, ingress: [{ from: [from] }] } },
        }),
        1,
      );
    const how = { vlanPool: { from: 100, to: 4000 }, foreignEpgs: [] };
    const compiler = new PolicyCompiler(EMPTY_ALLOCATION, how);
    let now = cluster(undefined);
    compiler.apply(now);
    for (const labels of [{ kind: 'preview' }, undefined, { kind: 'else' }, undefined, { kind: 'preview' }]) {
      const target = cluster(labels);
      compiler.apply(deltaOf(target, stepsBetween(now, target)));
      now = target;
      const whole = new PolicyCompiler(EMPTY_ALLOCATION, how);
      whole.apply(target);
      assert.deepEqual(meaningOf(compiler), meaningOf(whole));
      const reached = compile(target, EMPTY_ALLOCATION, how).pairs.some(({ source }) => source.startsWith('preview'));
      assert.equal(reached, labels?.kind === 'preview');
    }
  });
});
