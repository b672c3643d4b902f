import assert from 'node:assert/strict';
import { type FabricPlan, planFabric } from '#fabric';
import { mapFabric } from '#mappers';
import { canonicalMap, type FlatObject, flatten, type ObjectMap } from '#model/aci';
import { type KubernetesObject, snapshotOf } from '#model/kubernetes';
import { EMPTY_ALLOCATION } from '#model/policy';
import { compile } from '#policy';
import { afterPlan } from '#support/plan-steps';
import { OWN_FABRIC } from '#support/settings';

const TENANT = 'uni/tn-k8s';

const pod: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'shop' },
  spec: { containers: [] },
  status: { phase: 'Running', podIPs: [{ ip: '10.244.0.2' }] },
};

const from = (cidr: string): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'in', namespace: 'shop' },
  spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr } }] }] },
});

function desiredFor(cidr: string): ObjectMap {
  const snapshot = snapshotOf({ namespaces: [], nodes: [], pods: [pod], policies: [from(cidr)] }, 1);
  const compiled = compile(snapshot, EMPTY_ALLOCATION, { vlanPool: { from: 100, to: 199 }, foreignEpgs: [] });
  return canonicalMap(flatten(mapFabric(compiled, OWN_FABRIC).tree, ''));
}

const plan = (desired: ObjectMap, actual: ObjectMap): FabricPlan =>
  planFabric({ desired, actual, references: [], clusterId: 'test', limits: { objects: 50 } });

/** An L3Out of somebody else's in the VRF, with one external EPG. */
const others = (prefix: string, { vrf = 'k8s', scope = 'import-security' } = {}): readonly FlatObject[] => [
  { className: 'l3extOut', dn: `${TENANT}/out-wan`, attributes: { name: 'wan' } },
  { className: 'l3extRsEctx', dn: `${TENANT}/out-wan/rsectx`, attributes: { tnFvCtxName: vrf } },
  { className: 'l3extInstP', dn: `${TENANT}/out-wan/instP-x`, attributes: { name: 'x' } },
  {
    className: 'l3extSubnet',
    dn: `${TENANT}/out-wan/instP-x/extsubnet-[${prefix}]`,
    attributes: { ip: prefix, scope },
  },
];

const wanted = (prefix: string): string =>
  `${TENANT}/out-external/instP-ext-${prefix.replace('/', '-')}/extsubnet-[${prefix}]`;

const codes = (findings: FabricPlan['conflicts']): readonly string[] =>
  findings.map(({ code, object }) => `${code} ${object}`);

describe('fabric plan: prefixes outside the cluster', () => {
  const desired = desiredFor('198.51.100.0/24');

  it('EXT_DUP: not of a VRF of the same name in another tenant, but of the one in tenant common', () => {
    const elsewhere = (prefix: string, context: string): ObjectMap =>
      canonicalMap([
        ...others(prefix).map((object) => ({ ...object, dn: object.dn.replace(TENANT, 'uni/tn-vms') })),
        { className: 'fvCtx', dn: context, attributes: { name: 'k8s' } },
      ]);
    assert.deepEqual(plan(desired, elsewhere('198.51.100.0/24', 'uni/tn-vms/ctx-k8s')).conflicts, []);
    const inCommon = new Map(
      [...desired].filter(([, { className, dn }]) => className !== 'fvCtx' && !dn.includes('/ctx-k8s/')),
    );
    assert.deepEqual(codes(plan(inCommon, elsewhere('198.51.100.0/24', 'uni/tn-common/ctx-k8s')).conflicts), [
      `EXT_DUP ACI/${wanted('198.51.100.0/24')}`,
    ]);
  });

  it('EXT_DUP: leaves out a prefix that another external EPG of the VRF has, names both, and does the rest', () => {
    const actual = canonicalMap(others('198.51.100.0/24'));
    const found = plan(desired, actual);
    assert.deepEqual(codes(found.conflicts), [`EXT_DUP ACI/${wanted('198.51.100.0/24')}`]);
    assert.match(found.conflicts[0]?.message ?? '', /uni\/tn-k8s\/out-wan\/instP-x/);
    const after = afterPlan(actual, found);
    assert.ok(!after.has(wanted('198.51.100.0/24')));
    for (const [dn, { className }] of desired) {
      if (className === 'l3extSubnet' && dn !== wanted('198.51.100.0/24')) assert.ok(after.has(dn), dn);
      if (className === 'l3extInstP' || className === 'vzBrCP') assert.ok(after.has(dn), dn);
    }
    assert.equal(plan(desired, after).phases.length, 0, 'then there is nothing to do');
  });

  it('EXT_DUP: knows the prefix with host bits set', () => {
    assert.equal(plan(desired, canonicalMap(others('198.51.100.7/24'))).conflicts.length, 1);
  });

  it('takes the prefix when the other one is gone', () => {
    const without = afterPlan(new Map(), plan(desired, canonicalMap(others('198.51.100.0/24'))));
    assert.ok(!without.has(wanted('198.51.100.0/24')));
    const found = plan(desired, without);
    assert.deepEqual(found.conflicts, []);
    assert.ok(afterPlan(without, found).has(wanted('198.51.100.0/24')));
  });

  it('leaves a prefix alone that is in another VRF, that does not classify, or that is not the same', () => {
    for (const objects of [
      others('198.51.100.0/24', { vrf: 'other' }),
      others('198.51.100.0/24', { scope: 'export-rtctrl' }),
      others('198.51.100.0/25'),
      others('0.0.0.0/0'),
    ]) {
      assert.deepEqual(plan(desired, canonicalMap(objects)).conflicts, []);
    }
  });

  it('its own prefix in another of its external EPGs is no duplicate: it moves', () => {
    const before = afterPlan(new Map(), plan(desired, new Map()));
    const found = plan(desiredFor('198.51.100.0/25'), before);
    assert.deepEqual(found.conflicts, []);
  });

  const path = (addr: string, vrf = 'k8s'): readonly FlatObject[] => [
    ...others('192.0.2.0/24', { vrf }).slice(0, 2),
    {
      className: 'l3extRsPathL3OutAtt',
      dn: `${TENANT}/out-wan/lnodep-n/lifp-i/rspathL3OutAtt-[topology/pod-1/paths-101/pathep-[eth1/1]]`,
      attributes: { addr },
    },
  ];

  it('EXT_DIRECT: a subnet of an L3Out’s interface bypasses contracts unless exactly it is in an external EPG', () => {
    const notes = (objects: readonly FlatObject[], of = desired): readonly string[] =>
      plan(of, canonicalMap(objects)).notes.map(({ code, message }) => `${code} ${message.split(' ')[0]}`);
    assert.deepEqual(notes(path('203.0.113.1/30')), ['EXT_DIRECT 203.0.113.0/30']);
    assert.deepEqual(notes(path('203.0.113.1/30', 'other')), [], 'another VRF');
    assert.deepEqual(notes(path('0.0.0.0')), [], 'an interface whose addresses are on its members');
    assert.deepEqual(notes(path('203.0.113.1/30'), desiredFor('203.0.113.0/30')), [], 'a policy names it');
    assert.deepEqual(notes([...path('203.0.113.1/30'), ...others('203.0.113.0/30')]), [], 'an admin has it');
    assert.deepEqual(notes(path('203.0.113.1/30'), new Map()), [], 'no contract that it could bypass');
  });
});
