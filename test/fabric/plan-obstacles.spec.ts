import assert from 'node:assert/strict';
import { type Change, changesOf, type FabricPlan, LivePlan, planFabric } from '#fabric';
import { canonicalMap, type FlatObject, type ObjectMap } from '#model/aci';

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
    mayDelete: () => [],
  });

const dnsOf = (changes: readonly Change[]): readonly string[] => changes.map(({ object }) => object.dn);

describe('what stands in the way of a plan, and what of it is held back', () => {
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

    it('of a contract in tenant common leaves out relations to it from every tenant', () => {
      const dn = 'uni/tn-common/brc-web';
      const shared: FlatObject = { className: 'vzBrCP', dn, attributes: { name: 'web', scope: 'tenant' } };
      const desired = canonicalMap([shared, mark(dn), epg, mark(epgDn), provides]);
      const planned = (actual: readonly FlatObject[]): readonly string[] =>
        dnsOf(
          changesOf(
            planFabric({
              desired,
              actual: canonicalMap(actual),
              references: [],
              clusterId: 'test',
              limits: { objects: 50 },
            }),
          ),
        );
      assert.deepEqual(planned([shared]), [epgDn, mark(epgDn).dn]);
      assert.ok(planned([]).includes(provides.dn));
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
    const { waiting } = planFabric({
      desired: canonicalMap(wide),
      actual: canonicalMap([...wide, ...old]),
      references: [],
      clusterId: 'test',
      limits: { objects: 50 },
      mayDelete: ({ changes }) => changes.filter(({ object }) => object.className === 'l3extInstP'),
    });
    assert.deepEqual(dnsOf(waiting.changes), dnsOf(deletions.changes), 'a group does not go before its prefixes');
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
      const { deletions, waiting } = planHeld(
        [bound('new', 'protpaths-101-102', 7)],
        [old, other, elsewhere].flatMap((binding) => [binding, mark(binding.dn)]),
      );
      assert.equal(waiting, deletions);
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

    const old = [...epg('old'), bound('old', 'paths-101', 7), bound('old', 'paths-102', 7)];
    const wanted = [...epg('new'), bound('new', 'paths-101', 7), bound('new', 'paths-103', 9)];
    const unboundIn = ({ phases }: FabricPlan): readonly string[] =>
      dnsOf(phases.find(({ name }) => name === 'unbind')?.batches.flatMap(({ changes }) => changes) ?? []);

    it('goes from a group that waits for approval', () => {
      const plan = planHeld(wanted, old);
      assert.deepEqual(dnsOf(plan.deletions.changes), [epgDnOf('old')]);
      assert.deepEqual(unboundIn(plan), [bound('old', 'paths-101', 7).dn]);
    });

    it('stays where somebody else has made it, as does its group', () => {
      const { annotation: _, ...unmarked } = bound('old', 'paths-103', 9).attributes;
      const plan = planHeld(wanted, [...old, { ...bound('old', 'paths-103', 9), attributes: unmarked }]);
      assert.deepEqual(dnsOf(plan.deletions.changes), [bound('old', 'paths-102', 7).dn]);
      assert.deepEqual(unboundIn(plan), [bound('old', 'paths-101', 7).dn]);
    });
  });
});
