import assert from 'node:assert/strict';
import { changesOf, isEmptyPlan, PHASE_NAMES, planFabric, unitDn } from '#fabric';
import { mapFabric } from '#mappers';
import { canonicalMap, type FlatObject, flatten, type ObjectMap } from '#model/aci';
import { type KubernetesObject, snapshotOf } from '#model/kubernetes';
import { EMPTY_ALLOCATION } from '#model/policy';
import { compile } from '#policy';
import { afterPlan } from '#support/plan-steps';
import { OWN_FABRIC } from '#support/settings';

const pod = (name: string, labels: Record<string, string>, ip: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels },
  spec: { containers: [{ name: 'c' }] },
  status: { phase: 'Running', podIPs: [{ ip }] },
});

const denyAll: KubernetesObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'deny-all', namespace: 'shop' },
  spec: { podSelector: {} },
};

function desiredFor(policies: readonly KubernetesObject[]): ObjectMap {
  const pods = [pod('a', { app: 'a' }, '10.244.0.2'), pod('b', { app: 'b' }, '10.244.0.3')];
  const snapshot = snapshotOf({ namespaces: [], nodes: [], pods, policies }, 1);
  const compiled = compile(snapshot, EMPTY_ALLOCATION, { vlanPool: { from: 100, to: 199 }, foreignEpgs: [] });
  return canonicalMap(flatten(mapFabric(compiled, OWN_FABRIC).tree, ''));
}

const plan = (desired: ObjectMap, actual: ObjectMap) =>
  planFabric({ desired, actual, references: [], clusterId: 'test', limits: { objects: 50 } });

/** What the fabric holds after the plan's posts. */
const applied = (desired: ObjectMap, actual: ObjectMap): ObjectMap => afterPlan(actual, plan(desired, actual));

describe('fabric plan', () => {
  it('reaches the desired state from nothing, and then has nothing to do', () => {
    const desired = desiredFor([denyAll]);
    const after = applied(desired, new Map());
    assert.ok(isEmptyPlan(plan(desired, after)), JSON.stringify(plan(desired, after).counts));
    for (const [dn, object] of desired) {
      if ('annotation' in object.attributes) assert.ok(after.has(dn), `${object.className} ${dn} was not made`);
    }
  });

  it('removes only what is ours: an unmarked object and another cluster’s stay', () => {
    const first = applied(desiredFor([]), new Map());
    const foreign: FlatObject = { className: 'vzBrCP', dn: 'uni/tn-k8s/brc-admin', attributes: { name: 'admin' } };
    const other: FlatObject[] = [
      {
        className: 'vzFilter',
        dn: 'uni/tn-k8s/flt-x',
        attributes: { name: 'x', annotation: 'orchestrator:aci-gateway' },
      },
      {
        className: 'tagAnnotation',
        dn: 'uni/tn-k8s/flt-x/annotationKey-[aci-gateway-owner]',
        attributes: { key: 'aci-gateway-owner', value: 'another' },
      },
    ];
    const withForeign = canonicalMap([...first.values(), foreign, ...other]);
    const empty = snapshotOf({ namespaces: [], nodes: [], pods: [], policies: [] }, 2);
    const compiled = compile(empty, EMPTY_ALLOCATION, { vlanPool: { from: 100, to: 199 }, foreignEpgs: [] });
    const desired = canonicalMap(flatten(mapFabric(compiled, OWN_FABRIC).tree, ''));
    const after = applied(desired, withForeign);
    assert.ok(after.has('uni/tn-k8s/brc-admin'));
    assert.ok(after.has('uni/tn-k8s/flt-x'));
    assert.ok(![...after.keys()].some((dn) => dn.includes('epg-shop')), 'our own EPG is gone');
  });

  it('leaves an object alone whose name is taken by an admin, says so, and does everything else', () => {
    const taken: FlatObject = {
      className: 'fvAEPg',
      dn: 'uni/tn-k8s/ap-k8s-test/epg-shop',
      attributes: { name: 'shop', descr: 'mine' },
    };
    const desired = desiredFor([]);
    const result = plan(desired, canonicalMap([taken]));
    assert.deepEqual(
      result.conflicts.map((finding) => [finding.code, finding.object]),
      [['NAME_IN_USE', 'ACI/uni/tn-k8s/ap-k8s-test/epg-shop']],
    );
    const after = applied(desired, canonicalMap([taken]));
    assert.deepEqual(after.get(taken.dn)?.attributes, taken.attributes);
    assert.ok(![...after.keys()].some((dn) => dn.startsWith(`${taken.dn}/`)));
    assert.ok(after.has('uni/tn-k8s/BD-pods'));
  });

  it('posts additions before removals, bindings after what they bind', () => {
    const before = applied(desiredFor([]), new Map());
    const names = plan(desiredFor([denyAll]), before).phases.map((phase) => phase.name);
    const order: readonly string[] = PHASE_NAMES;
    assert.deepEqual(
      names,
      [...names].sort((a, b) => order.indexOf(a) - order.indexOf(b)),
    );
    assert.ok(names.includes('policy') && (names.includes('unbind') || names.includes('remove')), names.join());
  });

  it('binds groups on paths after all that adds, unbinds them after all that tightens, each binding by itself', () => {
    const epg = 'uni/tn-k8s/ap-k8s-test/epg-shop';
    const bound = (port: string): FlatObject => {
      const tDn = `topology/pod-1/paths-101/pathep-[${port}]`;
      const annotation = 'orchestrator:aci-gateway';
      return {
        className: 'fvRsPathAtt',
        dn: `${epg}/rspathAtt-[${tDn}]`,
        attributes: { tDn, encap: 'vlan-9', annotation },
      };
    };
    const base = desiredFor([]);
    const actual = canonicalMap([...applied(base, new Map()).values(), bound('eth1/1')]);
    const { phases } = plan(canonicalMap([...base.values(), bound('eth1/2')]), actual);
    assert.deepEqual(
      phases.map(({ name, batches }) => [
        name,
        batches.flatMap(({ changes }) => changes.map(({ object }) => object.dn)),
      ]),
      [
        ['bindings', [bound('eth1/2').dn]],
        ['unbind', [bound('eth1/1').dn]],
      ],
    );
    assert.equal(unitDn(bound('eth1/2').dn), bound('eth1/2').dn);
  });

  it('holds back what only goes, and not what something else needs: a binding whose VLAN another group has now', () => {
    const bound = (epg: string): FlatObject => {
      const tDn = `uni/tn-k8s/ap-k8s-test/epg-${epg}`;
      const dn = `uni/infra/attentp-k8s-test/gen-default/rsfuncToEpg-[${tDn}]`;
      return { className: 'infraRsFuncToEpg', dn, attributes: { tDn, encap: `vlan-${epg === 'other' ? 8 : 7}` } };
    };
    const owned = (object: FlatObject): readonly FlatObject[] => [
      { ...object, attributes: { ...object.attributes, annotation: 'orchestrator:aci-gateway' } },
      {
        className: 'tagAnnotation',
        dn: `${object.dn}/annotationKey-[aci-gateway-owner]`,
        attributes: { key: 'aci-gateway-owner', value: 'test' },
      },
    ];
    const result = planFabric({
      desired: canonicalMap(owned(bound('new'))),
      actual: canonicalMap([...owned(bound('old')), ...owned(bound('other'))]),
      references: [],
      clusterId: 'test',
      limits: { objects: 50 },
      mayDelete: () => [],
    });
    assert.deepEqual(
      result.phases.map(({ name, batches }) => [name, batches.map(({ changes }) => changes[0]?.object.dn)]),
      [
        ['bindings', [bound('new').dn]],
        ['unbind', [bound('old').dn]],
      ],
    );
    assert.deepEqual(
      result.deletions.changes.map(({ object }) => object.dn),
      [bound('other').dn],
    );
    const between = planFabric({
      desired: canonicalMap(owned(bound('new'))),
      actual: canonicalMap([...owned(bound('new')), ...owned(bound('old')), ...owned(bound('other'))]),
      references: [],
      clusterId: 'test',
      limits: { objects: 50 },
      mayDelete: () => [],
    });
    assert.deepEqual(
      changesOf(between).map(({ object }) => object.dn),
      [bound('old').dn],
      'also when the plan before has ended between the two',
    );
    assert.deepEqual([result.waiting, result.deletions.objects, result.deletions.owned], [result.deletions, 2, 4]);
    assert.deepEqual(result.blast.groups, ['uni/tn-k8s/ap-k8s-test/epg-old']);
  });

  it('waits for what the configuration says an admin made', () => {
    const desired = desiredFor([]);
    const result = planFabric({
      desired,
      actual: new Map(),
      references: ['uni/tn-k8s'],
      clusterId: 'test',
      limits: { objects: 50 },
    });
    assert.deepEqual(result.missing, ['uni/tn-k8s']);
    assert.ok(result.phases.flatMap((phase) => phase.batches).every((batch) => !batch.dn.startsWith('uni/tn-')));
  });
});
