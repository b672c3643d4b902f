import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mapFabric } from '#mappers';
import { toWire } from '#model/aci';
import { type KubernetesObject, snapshotOf } from '#model/kubernetes';
import { type Allocation, type CompiledPolicy, EMPTY_ALLOCATION } from '#model/policy';
import { compile, compilerTables, findingsOf, PolicyCompiler } from '#policy';
import { clusterArbitrary, type GeneratedCluster } from '#support/cluster-arbitrary';
import { OWN_FABRIC } from '#support/settings';

const compiled = (objects: GeneratedCluster['objects'], remembered: Allocation = EMPTY_ALLOCATION): CompiledPolicy =>
  compile(snapshotOf(objects, 1), remembered, { vlanPool: { from: 100, to: 999 }, foreignEpgs: [] });

const tree = (policy: CompiledPolicy): string => JSON.stringify(toWire(mapFabric(policy, OWN_FABRIC).tree));

const EMPTY_SNAPSHOT = snapshotOf({ namespaces: [], nodes: [], pods: [], policies: [] }, 1);

/** Name and VLAN of every group of pods. */
const groups = (policy: CompiledPolicy): ReadonlyMap<string, number | undefined> =>
  new Map([...policy.allocation.groups].map(([name, { vlan }]) => [name, vlan]));

/** A namespace of its own with a pod and a policy, that nothing else names. */
const ELSEWHERE: { readonly [Kind in keyof GeneratedCluster['objects']]: readonly KubernetesObject[] } = {
  namespaces: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a-new-one', labels: { unheard: 'of' } } }],
  nodes: [],
  pods: [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'a-new-one', labels: { unheard: 'of' } },
      spec: { containers: [] },
      status: { phase: 'Running', podIPs: [{ ip: '172.16.0.9' }] },
    },
  ],
  policies: [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'q', namespace: 'a-new-one' },
      spec: { podSelector: { matchLabels: { unheard: 'of' } } },
    },
  ],
  tieredPolicies: [
    {
      apiVersion: 'policy.networking.k8s.io/v1alpha2',
      kind: 'ClusterNetworkPolicy',
      metadata: { name: 't' },
      spec: {
        tier: 'Admin',
        priority: 500,
        subject: { namespaces: { matchLabels: { unheard: 'of' } } },
        ingress: [{ action: 'Deny', from: [{ namespaces: { matchLabels: { unheard: 'of' } } }] }],
      },
    },
  ],
};

describe('policy compiler: nothing churns', () => {
  it('an unrelated namespace with a pod and a policy renames no group and moves none to another VLAN', () => {
    fc.assert(
      fc.property(clusterArbitrary, (cluster) => {
        const before = compiled(cluster.objects);
        const more = {
          namespaces: [...cluster.objects.namespaces, ...ELSEWHERE.namespaces],
          nodes: cluster.objects.nodes,
          pods: [...cluster.objects.pods, ...ELSEWHERE.pods],
          policies: [...cluster.objects.policies, ...ELSEWHERE.policies],
          tieredPolicies: [...cluster.objects.tieredPolicies, ...ELSEWHERE.tieredPolicies],
        };
        const after = compiled(more, before.allocation);
        for (const [name, vlan] of groups(before)) assert.equal(groups(after).get(name), vlan, name);
        for (const [pod, group] of before.membership) assert.equal(after.membership.get(pod), group, pod);
        const back = compiled(cluster.objects, after.allocation);
        assert.equal(tree(back), tree(before), 'and when it goes again, everything is as before');
      }),
      { numRuns: 150 },
    );
  }).timeout(60_000);

  it('a policy that is deleted and made again leaves the groups that stayed on their VLANs', () => {
    fc.assert(
      fc.property(clusterArbitrary, fc.nat(), (cluster, pick) => {
        fc.pre(cluster.objects.policies.length > 0);
        const before = compiled(cluster.objects);
        const gone = pick % cluster.objects.policies.length;
        const without = { ...cluster.objects, policies: cluster.objects.policies.filter((_, index) => index !== gone) };
        const between = compiled(without, before.allocation);
        const after = compiled(cluster.objects, between.allocation);
        for (const [name, vlan] of groups(after)) {
          const known = groups(before).get(name);
          assert.ok(known === undefined || between.allocation.groups.get(name) === undefined || known === vlan, name);
        }
        assert.deepEqual([...after.membership.keys()], [...before.membership.keys()]);
      }),
      { numRuns: 150 },
    );
  }).timeout(60_000);

  it('the order in which objects are listed does not matter', () => {
    fc.assert(
      fc.property(clusterArbitrary, (cluster) => {
        const { namespaces, nodes, pods, policies, tieredPolicies } = cluster.objects;
        const reversed = {
          nodes,
          namespaces: [...namespaces].reverse(),
          pods: [...pods].reverse(),
          policies: [...policies].reverse(),
          tieredPolicies: [...tieredPolicies].reverse(),
        };
        assert.equal(tree(compiled(reversed)), tree(compiled(cluster.objects)));
      }),
      { numRuns: 150 },
    );
  }).timeout(60_000);

  it('keeps the number of a group that is gone for an hour, and gives it to one that waits then', () => {
    const views = (names: readonly string[]) => ({
      namespaces: new Map(names.map((name) => [name, { name, labels: {} }])),
    });
    const without = (name: string) => ({ namespaces: new Map([[name, undefined]]) });
    const compiler = new PolicyCompiler(EMPTY_ALLOCATION, {
      vlanPool: { from: 100, to: 101 },
      vniPool: { from: 9000, to: 9001 },
      foreignEpgs: [],
      restFor: 3600,
    });
    const numbersOf = (name: string): readonly (number | undefined)[] => {
      const group = compilerTables(compiler).group(name);
      return group?.kind === 'pods' ? [group.vlan, group.vni] : [];
    };
    compiler.apply(views(['a', 'b']), 0);
    assert.deepEqual(
      [numbersOf('a'), numbersOf('b')],
      [
        [100, 9000],
        [101, 9001],
      ],
    );
    compiler.apply(without('a'), 10);
    compiler.apply(views(['c']), 20);
    assert.deepEqual(numbersOf('c'), [undefined, undefined]);
    assert.equal(compiler.nextDue, 3610);
    const codes = findingsOf(compiler, EMPTY_SNAPSHOT, {
      vlanPool: { from: 100, to: 101 },
      vniPool: { from: 9000, to: 9001 },
    });
    assert.deepEqual(
      codes.map(({ code, object }) => `${code} ${object}`),
      ['VLANS_EXHAUSTED Group/c', 'VNIS_EXHAUSTED Group/c'],
    );

    const opened = new PolicyCompiler(compiler.allocator.allocation(), {
      vlanPool: { from: 100, to: 101 },
      vniPool: { from: 9000, to: 9001 },
      foreignEpgs: [],
      restFor: 3600,
    });
    opened.apply(views(['b', 'c']), 30);
    assert.equal(opened.nextDue, 3610, 'what rests is remembered');

    compiler.apply({}, 3609);
    assert.deepEqual(numbersOf('c'), [undefined, undefined]);
    const { groups: changed } = compiler.apply({}, 3610);
    assert.deepEqual([...changed], ['c']);
    assert.deepEqual(numbersOf('c'), [100, 9000]);
    assert.equal(compiler.nextDue, undefined);
  });

  it('gives a group that comes back within the hour its own numbers, and others meanwhile none of them', () => {
    const compiler = new PolicyCompiler(EMPTY_ALLOCATION, {
      vlanPool: { from: 100, to: 103 },
      foreignEpgs: [],
      restFor: 3600,
    });
    const set = (name: string, there: boolean, now: number): number | undefined => {
      compiler.apply({ namespaces: new Map([[name, there ? { name, labels: {} } : undefined]]) }, now);
      return compiler.allocator.vlanOf(name);
    };
    assert.deepEqual([set('a', true, 0), set('b', true, 0)], [100, 101]);
    set('b', false, 1);
    assert.deepEqual([set('c', true, 2), set('d', true, 3), set('e', true, 4)], [102, 103, undefined]);
    assert.equal(set('b', true, 3500), 101);
    assert.equal(compiler.nextDue, undefined, 'e waits, and nothing rests');
  });
});
