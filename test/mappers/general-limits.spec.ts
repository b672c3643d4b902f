import assert from 'node:assert/strict';
import { generalLimits } from '#mappers';
import { type KubernetesObject, snapshotOf } from '#model/kubernetes';
import { parsePrefix } from '#model/net';
import { EMPTY_ALLOCATION, type Finding } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { compile, type NodeEpg } from '#policy';
import { OWN_FABRIC } from '#support/settings';

const pod: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'shop' },
  spec: { containers: [] },
  status: { phase: 'Running', podIPs: [{ ip: '10.244.0.2' }] },
};
const denyAll: KubernetesObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'deny', namespace: 'shop' },
  spec: { podSelector: {} },
};
const tiered = (action: string): KubernetesObject => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha2',
  kind: 'ClusterNetworkPolicy',
  metadata: { name: 'c' },
  spec: {
    tier: 'Admin',
    priority: 1,
    subject: { namespaces: {} },
    ingress: [{ action, from: [{ namespaces: {} }] }],
  },
});

interface Given {
  readonly policies?: readonly KubernetesObject[];
  readonly tieredPolicies?: readonly KubernetesObject[];
}

function limits(
  { policies = [], tieredPolicies = [] }: Given,
  settings: FabricSettings = OWN_FABRIC,
  nodeEpg?: NodeEpg,
): readonly Finding[] {
  const snapshot = snapshotOf({ namespaces: [], nodes: [], pods: [pod], policies, tieredPolicies }, 1);
  const options = { vlanPool: settings.vlanPool, foreignEpgs: [], nodeEpg };
  return generalLimits(compile(snapshot, EMPTY_ALLOCATION, options), settings);
}

const codes = (findings: readonly Finding[]): readonly string[] => findings.map(({ code }) => code).sort();

const EVERYWHERE = ['ESTABLISHED', 'HAIRPIN', 'LOCAL', 'MCAST', 'ND', 'NODE_ALLOW'];

describe('limits of every fabric', () => {
  it('are told once for the cluster, as information, when some policy restricts something', () => {
    const found = limits({ policies: [denyAll] });
    assert.deepEqual(codes(found), [...EVERYWHERE, 'FRAG', 'ICMP'].sort());
    assert.deepEqual([...new Set(found.map(({ severity, object }) => `${severity} ${object}`))], ['info Cluster/test']);
    const further = { ...denyAll, metadata: { name: 'further', namespace: 'shop' } };
    assert.equal(limits({ policies: [denyAll, further] }).length, found.length);
    assert.equal(limits({ tieredPolicies: [tiered('Deny')] }).length, found.length);
  });

  it('are not told without a policy, nor for one that allows everything', () => {
    assert.deepEqual(limits({}), []);
    assert.deepEqual(limits({ tieredPolicies: [tiered('Accept')] }), []);
  });

  it('ICMP and FRAG are told only where the VRF permits them', () => {
    assert.deepEqual(codes(limits({ policies: [denyAll] }, { ...OWN_FABRIC, vrfWidePermits: false })), EVERYWHERE);
  });

  it('NODE_ALLOW says what is true of the other nodes: an EPG, or addresses outside', () => {
    const message = (nodeEpg?: NodeEpg): string =>
      limits({ policies: [denyAll] }, OWN_FABRIC, nodeEpg).find(({ code }) => code === 'NODE_ALLOW')?.message ?? '';
    assert.match(message(), /outside the cluster.*fabric\.nodes/);
    assert.match(
      message({ dn: 'uni/tn-k8s/ap-infra/epg-nodes', prefixes: [parsePrefix('192.0.2.0/24')] }),
      /other nodes are in their EPG/,
    );
  });
});
