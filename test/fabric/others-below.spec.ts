import assert from 'node:assert/strict';
import { changesOf, type FabricPlan, LivePlan, planFabric } from '#fabric';
import { canonicalMap, type FlatObject, ORCHESTRATOR } from '#model/aci';

const TENANT = 'uni/tn-k8s';
const PROFILE = `${TENANT}/ap-k8s-test`;
const EPG = `${PROFILE}/epg-shop`;
const OWN = { annotation: ORCHESTRATOR };

const object = (className: string, dn: string, attributes: FlatObject['attributes'] = {}): FlatObject => ({
  className,
  dn,
  attributes,
});
const mark = (dn: string, value = 'test'): FlatObject =>
  object('tagAnnotation', `${dn}/annotationKey-[aci-gateway-owner]`, { key: 'aci-gateway-owner', value });
const path = (port: number): string => `topology/pod-1/paths-101/pathep-[eth1/${port}]`;
const bound = (port: number, attributes: FlatObject['attributes'] = {}): FlatObject =>
  object('fvRsPathAtt', `${EPG}/rspathAtt-[${path(port)}]`, { tDn: path(port), encap: `vlan-${port}`, ...attributes });

/** An EPG of ours with all that it has. */
const epg: readonly FlatObject[] = [
  object('fvAEPg', EPG, { name: 'shop', ...OWN }),
  mark(EPG),
  object('fvRsBd', `${EPG}/rsbd`, { tnFvBDName: 'k8s', ...OWN }),
  object('fvRsDomAtt', `${EPG}/rsdomAtt-[uni/phys-k8s]`, { tDn: 'uni/phys-k8s', ...OWN }),
  object('fvRsProv', `${EPG}/rsprov-web`, { tnVzBrCPName: 'web', ...OWN }),
  bound(7, OWN),
];

const planBetween = (
  desired: readonly FlatObject[],
  actual: readonly FlatObject[],
  more: { readonly takesOthers?: boolean } = {},
): FabricPlan =>
  planFabric({
    desired: canonicalMap(desired),
    actual: canonicalMap(actual),
    references: [],
    clusterId: 'test',
    limits: { objects: 50 },
    ...more,
  });
const dnsOf = (plan: FabricPlan): readonly string[] => changesOf(plan).map(({ object: { dn } }) => dn);

describe('what others have below an object that goes', () => {
  it('keeps it standing, with its marks and what says where it belongs; the rest of it goes', () => {
    const plan = planBetween([], [...epg, bound(9)]);
    assert.deepEqual(dnsOf(plan).toSorted(), [`${EPG}/rspathAtt-[${path(7)}]`, `${EPG}/rsprov-web`]);
    assert.deepEqual(
      plan.notes.map(({ code, object: { length }, severity }) => [code, severity, length > 0]),
      [['OTHERS_BELOW', 'warning', true]],
    );
    const [finding] = plan.notes;
    assert.equal(finding?.object, `ACI/${EPG}`);
    assert.ok(finding?.message.includes(bound(9).dn), finding?.message);
  });

  it('lets it go as soon as that is gone, and makes nothing more while it is there', () => {
    const left = epg.filter(({ className, dn }) => className !== 'fvRsProv' && dn !== bound(7).dn);
    assert.deepEqual(dnsOf(planBetween([], [...left, bound(9)])), []);
    const then = planBetween([], left);
    assert.deepEqual(dnsOf(then), [EPG]);
    assert.deepEqual(then.notes, []);
  });

  for (const [what, theirs] of [
    ['a relation to a contract', object('fvRsCons', `${EPG}/rscons-of-the-admin`, { tnVzBrCPName: 'of-the-admin' })],
    ['a subnet', object('fvSubnet', `${EPG}/subnet-[10.1.0.1/24]`, { ip: '10.1.0.1/24' })],
    ['an object of another gateway', object('fvRsCons', `${EPG}/rscons-east`, { tnVzBrCPName: 'east', ...OWN })],
    ['a static endpoint', object('fvStCEp', `${EPG}/stcep-00:00:00:00:00:01-type-silent-host`, { annotation: '' })],
  ] as const) {
    it(`may be ${what}`, () => {
      const marks = what.includes('gateway') ? [mark(theirs.dn, 'east')] : [];
      const plan = planBetween([], [...epg, theirs, ...marks]);
      assert.ok(!dnsOf(plan).includes(EPG));
      assert.ok(plan.notes[0]?.message.includes(theirs.dn));
    });
  }

  for (const [what, nobodys] of [
    ['an endpoint that the fabric has learned', object('fvCEp', `${EPG}/cep-00:00:00:00:00:01`, { uid: '0' })],
    ['a back relation', object('fvRtProv', `${EPG}/rtprov-x`, {})],
    ['a relation that the APIC makes with each EPG', object('fvRsCustQosPol', `${EPG}/rscustQosPol`, {})],
    ['a relation that the APIC resolved', object('fvRsCons', `${EPG}/rscons-x`, { lcOwn: 'resolveOnBehalf' })],
    ['what the APIC made by itself', object('fvSubnet', `${EPG}/subnet-[10.1.0.1/24]`, { uid: '0' })],
    ['a tag', object('tagTag', `${EPG}/tagKey-x`, { key: 'x', value: 'y' })],
  ] as const) {
    it(`is not ${what}`, () => assert.deepEqual(dnsOf(planBetween([], [...epg, nobodys])), [EPG]));
  }

  it('keeps what is above it as well, and not what is beside it', () => {
    const other = `${PROFILE}/epg-other`;
    const actual = [
      object('fvAp', PROFILE, { name: 'k8s-test', ...OWN }),
      mark(PROFILE),
      ...epg,
      object('fvAEPg', other, { name: 'other', ...OWN }),
      mark(other),
      bound(9),
    ];
    const plan = planBetween([], actual);
    assert.deepEqual(dnsOf(plan).toSorted(), [bound(7).dn, `${EPG}/rsprov-web`, other].toSorted());
    assert.deepEqual(
      plan.notes.map(({ object: about }) => about),
      [`ACI/${PROFILE}`],
    );
  });

  it('keeps a contract without what it permitted', () => {
    const contract = `${TENANT}/brc-web`;
    const actual = [
      object('vzBrCP', contract, { name: 'web', ...OWN }),
      mark(contract),
      object('vzSubj', `${contract}/subj-s`, { name: 's', ...OWN }),
      object('vzRsSubjFiltAtt', `${contract}/subj-s/rssubjFiltAtt-f`, { tnVzFilterName: 'f', ...OWN }),
      object('vzSubj', `${contract}/subj-t`, { name: 't', ...OWN }),
      object('vzRsSubjFiltAtt', `${contract}/subj-t/rssubjFiltAtt-f`, { tnVzFilterName: 'f', ...OWN }),
      object('vzRsSubjFiltAtt', `${contract}/subj-t/rssubjFiltAtt-of-the-admin`, { tnVzFilterName: 'of-the-admin' }),
    ];
    assert.deepEqual(dnsOf(planBetween([], actual)).toSorted(), [
      `${contract}/subj-s`,
      `${contract}/subj-t/rssubjFiltAtt-f`,
    ]);
  });

  it('is not in the way of an object that is wanted, nor of a removal of everything', () => {
    assert.deepEqual(dnsOf(planBetween(epg, [...epg, bound(9)])), []);
    const removal = planBetween([], [...epg, bound(9)], { takesOthers: true });
    assert.deepEqual(dnsOf(removal), [EPG]);
    assert.deepEqual(removal.notes, []);
  });

  it('stops a deletion that was planned before it came', () => {
    const live = new LivePlan('test');
    const nothing = canonicalMap([]);
    const after = new Map(canonicalMap(epg));
    live.update(nothing, after, undefined);
    const plan = live.plan({ references: [], clusterId: 'test', limits: { objects: 50 } });
    const [change] = changesOf(plan);
    assert.ok(change !== undefined && live.has(change));
    after.set(bound(9).dn, bound(9));
    live.update(nothing, after, new Set([bound(9).dn]));
    assert.ok(!live.has(change));
  });
});
