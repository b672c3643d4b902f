import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mapFabric } from '#mappers';
import { toWire } from '#model/aci';
import { type KubernetesObject, snapshotOf } from '#model/kubernetes';
import { type Allocation, type CompiledPolicy, EMPTY_ALLOCATION } from '#model/policy';
import { compile } from '#policy';
import { clusterArbitrary, type GeneratedCluster } from '#support/cluster-arbitrary';
import { OWN_FABRIC } from '#support/settings';

const compiled = (objects: GeneratedCluster['objects'], remembered: Allocation = EMPTY_ALLOCATION): CompiledPolicy =>
  compile(snapshotOf(objects, 1), remembered, { vlanPool: { from: 100, to: 999 }, foreignEpgs: [] });

const tree = (policy: CompiledPolicy): string => JSON.stringify(toWire(mapFabric(policy, OWN_FABRIC).tree));

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
});
