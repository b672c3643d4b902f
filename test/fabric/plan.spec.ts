import assert from 'node:assert/strict';
import {
  type Change,
  changesOf,
  type FabricPlan,
  isEmptyPlan,
  LivePlan,
  PHASE_NAMES,
  planFabric,
  unitDn,
} from '#fabric';
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

const annotation = 'orchestrator:aci-gateway';

const mark = (dn: string): FlatObject => ({
  className: 'tagAnnotation',
  dn: `${dn}/annotationKey-[aci-gateway-owner]`,
  attributes: { key: 'aci-gateway-owner', value: 'test' },
});

/** The plan while nothing may be deleted. */
const planHeld = (desired: readonly FlatObject[], actual: readonly FlatObject[]): FabricPlan =>
  planFabric({
    desired: canonicalMap(desired),
    actual: canonicalMap(actual),
    references: [],
    clusterId: 'test',
    limits: { objects: 50 },
    mayDelete: () => false,
  });

const dnsOf = (changes: readonly Change[]): readonly string[] => changes.map(({ object }) => object.dn);

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

  it('posts a single binding to what holds it, which may not be there yet', () => {
    const dn = 'uni/infra/attentp-k8s-test/gen-default/rsfuncToEpg-[uni/tn-k8s/ap-k8s-test/epg-shop]';
    const binding = { className: 'infraRsFuncToEpg', dn, attributes: { tDn: 'x', encap: 'vlan-7', annotation } };
    const [phase] = planHeld([binding], []).phases;
    assert.deepEqual(
      phase?.batches.map((batch) => [batch.dn, batch.tree.className]),
      [['uni/infra/attentp-k8s-test/gen-default', 'infraGeneric']],
    );
  });

  describe('a name that somebody else has', () => {
    const contract = (...more: readonly FlatObject[]): readonly FlatObject[] => [
      { className: 'vzBrCP', dn: 'uni/tn-k8s/brc-web', attributes: { name: 'web', scope: 'tenant' } },
      ...more,
    ];
    const epgDn = 'uni/tn-k8s/ap-k8s-test/epg-shop';
    const epg: FlatObject = { className: 'fvAEPg', dn: epgDn, attributes: { name: 'shop', annotation } };
    const provides: FlatObject = {
      className: 'fvRsProv',
      dn: `${epgDn}/rsprov-web`,
      attributes: { tnVzBrCPName: 'web', annotation },
    };
    const binding: FlatObject = {
      className: 'infraRsFuncToEpg',
      dn: `uni/infra/attentp-k8s-test/gen-default/rsfuncToEpg-[${epgDn}]`,
      attributes: { tDn: epgDn, encap: 'vlan-7', annotation },
    };
    const wanted = canonicalMap([
      ...contract(mark('uni/tn-k8s/brc-web')),
      ...[epg, provides, binding].flatMap((object) => (object === provides ? [object] : [object, mark(object.dn)])),
    ]);
    const dnsFor = (actual: ObjectMap): readonly string[] =>
      changesOf(
        planFabric({ desired: wanted, actual, references: [], clusterId: 'test', limits: { objects: 50 } }),
      ).map(({ object }) => object.dn);

    it('of a contract leaves out relations to it: nobody knows what it permits', () => {
      assert.deepEqual(
        dnsFor(canonicalMap(contract())),
        [epg, binding].flatMap(({ dn }) => [dn, mark(dn).dn]),
      );
    });

    it('of a group leaves out its binding: pods would come among others', () => {
      const { annotation: _, ...unmarked } = epg.attributes;
      const others = canonicalMap([{ ...epg, attributes: unmarked }]);
      const dn = 'uni/tn-k8s/brc-web';
      assert.deepEqual(dnsFor(others), [dn, mark(dn).dn]);
    });

    it('is free again as soon as the other object is gone', () => {
      const { annotation: _, ...unmarked } = epg.attributes;
      for (const [other] of [contract(), [{ ...epg, attributes: unmarked }]]) {
        const live = new LivePlan('test');
        const options = { references: [], clusterId: 'test', limits: { objects: 50 } };
        const actual = new Map(canonicalMap(other === undefined ? [] : [other]));
        live.update(wanted, actual, undefined);
        const left = changesOf(live.plan(options)).length;
        actual.clear();
        live.update(wanted, actual, new Set(other === undefined ? [] : [other.dn]));
        assert.equal(live.plan(options).hash, planFabric({ ...options, desired: wanted, actual }).hash);
        assert.ok(changesOf(live.plan(options)).length > left);
      }
    });
  });

  it('holds back a prefix whose addresses would be nobody’s, and none that fall to a shorter one', () => {
    const outside = (name: string, ips: readonly string[]): readonly FlatObject[] => {
      const dn = `uni/tn-k8s/out-external/instP-${name}`;
      const prefixes = ips.map((ip) => ({
        className: 'l3extSubnet',
        dn: `${dn}/extsubnet-[${ip}]`,
        attributes: { ip, annotation },
      }));
      return [{ className: 'l3extInstP', dn, attributes: { name, annotation } }, mark(dn), ...prefixes];
    };
    const wide = outside('wide', ['10.0.0.0/8']);
    const old = outside('old', ['10.1.0.0/16', '192.0.2.0/24']);
    const { deletions, phases } = planHeld(wide, [...wide, ...old]);
    assert.deepEqual(
      phases.map(({ name, batches }) => [name, batches.flatMap(({ changes }) => dnsOf(changes))]),
      [['merge', ['uni/tn-k8s/out-external/instP-old/extsubnet-[10.1.0.0/16]']]],
    );
    assert.deepEqual(dnsOf(deletions.changes), [
      'uni/tn-k8s/out-external/instP-old/extsubnet-[192.0.2.0/24]',
      'uni/tn-k8s/out-external/instP-old',
    ]);
  });

  describe('a binding on a path that others are to have', () => {
    const epgDnOf = (name: string): string => `uni/tn-k8s/ap-k8s-test/epg-${name}`;
    const epg = (name: string): readonly FlatObject[] => [
      { className: 'fvAEPg', dn: epgDnOf(name), attributes: { name, annotation } },
      mark(epgDnOf(name)),
    ];
    const bound = (name: string, path: string, vlan: number): FlatObject => {
      const tDn = `topology/pod-1/${path}/pathep-[eth1/1]`;
      const dn = `${epgDnOf(name)}/rspathAtt-[${tDn}]`;
      return { className: 'fvRsPathAtt', dn, attributes: { tDn, encap: `vlan-${vlan}`, annotation } };
    };
    it('is not held back, and one whose VLAN nobody else has on its leaf is', () => {
      const [old, other] = [bound('old', 'paths-101', 7), bound('other', 'paths-101', 8)];
      const elsewhere = bound('far', 'paths-103', 7);
      const { deletions, held } = planHeld(
        [bound('new', 'protpaths-101-102', 7)],
        [old, other, elsewhere].flatMap((binding) => [binding, mark(binding.dn)]),
      );
      assert.ok(held);
      assert.deepEqual(dnsOf(deletions.changes).toSorted(), [other.dn, elsewhere.dn].toSorted());
    });

    it('is in the way of a binding at an AEP, and the other way round', () => {
      const atAep = (name: string): FlatObject => {
        const tDn = epgDnOf(name);
        const dn = `uni/infra/attentp-k8s-test/gen-default/rsfuncToEpg-[${tDn}]`;
        return { className: 'infraRsFuncToEpg', dn, attributes: { tDn, encap: 'vlan-7', annotation } };
      };
      const onPath = bound('on-path', 'paths-101', 7);
      for (const [wanted, old] of [
        [atAep('new'), onPath],
        [onPath, atAep('old')],
      ] as const) {
        assert.deepEqual(planHeld([wanted], [old, mark(old.dn)]).deletions.changes, []);
      }
    });

    it('goes from a group that waits for approval, unless somebody else has made it', () => {
      const { annotation: _, ...unmarked } = bound('old', 'paths-103', 9).attributes;
      const others = { ...bound('old', 'paths-103', 9), attributes: unmarked };
      const old = [...epg('old'), bound('old', 'paths-101', 7), bound('old', 'paths-102', 7), others];
      const wanted = [...epg('new'), bound('new', 'paths-101', 7), bound('new', 'paths-103', 9)];
      const { deletions, phases } = planHeld(wanted, old);
      assert.deepEqual(dnsOf(deletions.changes), [epgDnOf('old')]);
      const unbound = phases.find(({ name }) => name === 'unbind')?.batches.flatMap(({ changes }) => changes) ?? [];
      assert.deepEqual(dnsOf(unbound), [bound('old', 'paths-101', 7).dn]);
    });
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
      mayDelete: () => false,
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
      mayDelete: () => false,
    });
    assert.deepEqual(
      changesOf(between).map(({ object }) => object.dn),
      [bound('old').dn],
      'also when the plan before has ended between the two',
    );
    assert.deepEqual([result.held, result.deletions.objects, result.deletions.owned], [true, 2, 4]);
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
