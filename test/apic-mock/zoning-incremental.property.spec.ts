import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ApicMock } from '#apic-mock';
import { type ManagedObject, managedObject as object } from '#model/aci';
import { startPlain } from './apic-client.js';
import { CONTRACTS, contracts, filters, roles } from './contract-arbitraries.js';
import { epgIn, externalEpg, vrfWithBridgeDomain } from './zoning-objects.js';

const GROUPS = ['a', 'b', 'c'];
const BRIDGE_DOMAINS = ['x', 'y', 'z'];

const groupRelations = roles('fvRsProv', 'fvRsCons', 'fvRsIntraEpg');
const membership = fc.constantFrom('include', 'exclude');
const isolation = fc.constantFrom('enforced', 'unenforced');
const vrf = fc.constantFrom('v', 'w');

const epg = fc
  .record({
    name: fc.constantFrom(...GROUPS),
    bd: fc.constantFrom(...BRIDGE_DOMAINS),
    relations: groupRelations,
    master: fc.constantFrom(...GROUPS),
    inherits: fc.boolean(),
    taboo: fc.boolean(),
    attributes: fc.record({ prefGrMemb: membership, pcEnfPref: isolation }),
  })
  .map(({ name, bd, relations, master, inherits, taboo, attributes }) => {
    const group = epgIn(
      bd,
      name,
      ...relations,
      ...(inherits && master !== name ? [object('fvRsSecInherited', { tDn: `uni/tn-t/ap-p/epg-${master}` })] : []),
      ...(taboo ? [object('fvRsProtBy', { tnVzTabooName: 'n' })] : []),
    );
    return { ...group, attributes: { ...group.attributes, ...attributes } };
  });

const esg = fc
  .record({ vrf, relations: groupRelations })
  .map(({ vrf: tnFvCtxName, relations }) =>
    object('fvESg', { name: 'g' }, [object('fvRsScope', { tnFvCtxName }), ...relations]),
  );

const external = fc
  .record({ vrf, ip: fc.constantFrom('192.0.2.0/24', '0.0.0.0/0'), relations: roles('fvRsProv', 'fvRsCons') })
  .map(({ vrf: name, ip, relations }) => externalEpg('o', name, object('l3extSubnet', { ip }), ...relations));

const context = fc
  .record({
    name: vrf,
    relations: roles('vzRsAnyToProv', 'vzRsAnyToCons'),
    prefGrMemb: fc.constantFrom('enabled', 'disabled', 'disabled'),
    pcEnfPref: fc.constantFrom('enforced', 'enforced', 'enforced', 'unenforced'),
  })
  .map(({ name, relations, prefGrMemb, pcEnfPref }) =>
    object('fvCtx', { name, pcEnfPref }, [object('vzAny', { prefGrMemb }, relations)]),
  );

const bridgeDomain = fc
  .record({ name: fc.constantFrom(...BRIDGE_DOMAINS), vrf })
  .map(({ name, vrf: tnFvCtxName }) => object('fvBD', { name }, [object('fvRsCtx', { tnFvCtxName })]));

const scope = fc.constantFrom('context', 'tenant', 'global', 'application-profile');
const scopes = fc
  .tuple(...CONTRACTS.map(() => scope))
  .map((list) => list.map((one, index) => object('vzBrCP', { name: CONTRACTS[index] ?? '', scope: one })));

const taboo = fc
  .constantFrom('f', 'g')
  .map((tnVzFilterName) =>
    object('vzTaboo', { name: 'n' }, [object('vzTSubj', { name: 's' }, [object('vzRsDenyRule', { tnVzFilterName })])]),
  );

/** Another tenant that consumes by an interface. */
const importer = fc
  .record({ contract: fc.constantFrom(...CONTRACTS, 'm', 'm') })
  .map(({ contract }) =>
    object('fvTenant', { name: 'u' }, [
      object('fvCtx', { name: 'q' }),
      object('fvBD', { name: 'r' }, [object('fvRsCtx', { tnFvCtxName: 'q' })]),
      object('vzCPIf', { name: 'if' }, [object('vzRsIf', { tDn: `uni/tn-t/brc-${contract}` })]),
      object('fvAp', { name: 'p' }, [epgIn('r', 'far', object('fvRsConsIf', { tnVzCPIfName: 'if' }))]),
    ]),
  );

/** What every run begins with, so that most steps meet something: a VRF each for two and one bridge domain, three contracts. */
const beginning = object('fvTenant', { name: 't' }, [
  ...vrfWithBridgeDomain('v', 'x'),
  ...vrfWithBridgeDomain('w', 'z'),
  object('fvBD', { name: 'y' }, [object('fvRsCtx', { tnFvCtxName: 'v' })]),
  ...['f', 'g', 'h'].map((name, index) =>
    object('vzFilter', { name }, [
      object('vzEntry', {
        name: 'e',
        etherT: 'ip',
        prot: 'tcp',
        dFromPort: String(index + 1),
        dToPort: String(index + 1),
      }),
    ]),
  ),
  ...['context', 'tenant', 'global'].map((reach, index) =>
    object('vzBrCP', { name: CONTRACTS[index] ?? '', scope: reach }, [
      object('vzSubj', { name: 's' }, [object('vzRsSubjFiltAtt', { tnVzFilterName: 'fgh'.charAt(index) })]),
    ]),
  ),
]);

const inTenant = (arbitrary: fc.Arbitrary<readonly ManagedObject[]>): fc.Arbitrary<ManagedObject> =>
  arbitrary.map((children) => object('fvTenant', { name: 't' }, children));
const one = (arbitrary: fc.Arbitrary<ManagedObject>): fc.Arbitrary<readonly ManagedObject[]> =>
  arbitrary.map((child) => [child]);
const inApplication = (arbitrary: fc.Arbitrary<ManagedObject>): fc.Arbitrary<readonly ManagedObject[]> =>
  arbitrary.map((child) => [object('fvAp', { name: 'p' }, [child])]);

const addition = fc.oneof(
  ...[inApplication(epg), inApplication(epg), inApplication(esg), one(external), one(context), one(bridgeDomain)].map(
    inTenant,
  ),
  ...[filters, contracts, scopes, one(taboo)].map((arbitrary) => inTenant(arbitrary)),
  importer,
);

/** What may go away: an object that is there is chosen by a number. */
const removal = fc.record({
  className: fc.constantFrom(
    'fvTenant',
    'fvCtx',
    'fvBD',
    'fvAEPg',
    'fvESg',
    'l3extInstP',
    'l3extSubnet',
    'vzBrCP',
    'vzSubj',
    'vzFilter',
    'vzEntry',
    'vzRsSubjFiltAtt',
    'vzOutTerm',
    'vzCPIf',
    'vzRsIf',
    'vzTaboo',
    'fvRsProv',
    'fvRsCons',
    'fvRsConsIf',
    'fvRsIntraEpg',
    'fvRsSecInherited',
    'fvRsProtBy',
    'vzRsAnyToCons',
    'vzRsAnyToProv',
  ),
  pick: fc.nat(),
});

type Step = ManagedObject | { readonly className: string; readonly pick: number };

/** Three in four steps make or change something; the answers are asked for now and then, so that changes pile up. */
const steps = fc.array(
  fc.record({
    step: fc.oneof<[fc.Arbitrary<Step>, fc.Arbitrary<Step>, fc.Arbitrary<Step>, fc.Arbitrary<Step>]>(
      addition,
      addition,
      addition,
      removal,
    ),
    looks: fc.boolean(),
  }),
  { minLength: 5, maxLength: 30, size: 'max' },
);

const MINE = /^uni\/tn-[tu](\/|$)/;

function take(mock: ApicMock, step: Step): void {
  if (!('pick' in step)) {
    mock.load(step);
    return;
  }
  const there = mock.objects(step.className).filter(({ dn }) => MINE.test(dn));
  const target = there[step.pick % Math.max(1, there.length)];
  if (target !== undefined) mock.load(object(step.className, { dn: target.dn, status: 'deleted' }));
}

/** All rules of a leaf with their filters' entries in place of the filters' numbers, in a stable order. */
function rulesOf(mock: ApicMock): readonly string[] {
  const leaf = 'topology/pod-1/node-101/sys/actrl';
  const entries = (id: string): unknown =>
    mock.tree(`${leaf}/filt-${id}`)?.children.map(({ attributes }) => {
      const { name: _, modTs: __, ...matched } = attributes;
      return matched;
    });
  const known = new Map<string, string>();
  const filterText = (id: string): string => {
    const text = known.get(id) ?? JSON.stringify(entries(id) ?? id);
    known.set(id, text);
    return text;
  };
  return mock
    .objects('actrlRule')
    .filter(({ dn }) => dn.startsWith(`${leaf}/`))
    .map(({ attributes: { scopeId, sPcTag, dPcTag, fltId = '', action, direction, prio, ctrctName } }) =>
      [scopeId, sPcTag, dPcTag, filterText(fltId), action, direction, prio, ctrctName].join(' '),
    )
    .sort();
}

/** A tree without the numbers of groups, which a fabric that loads it then gives. */
const unnumbered = ({ className, attributes, children }: ManagedObject): ManagedObject => {
  const { pcTag: _, ...others } = attributes;
  return { className, attributes: others, children: children.map(unnumbered) };
};

/** Dns of the groups of a VRF that have a number of all VRFs. */
const guestsOf = (mock: ApicMock): readonly string[] =>
  [...mock.objects('fvAEPg'), ...mock.objects('l3extInstP')]
    .filter(({ dn, attributes }) => MINE.test(dn) && Number(attributes.pcTag) < 16_386)
    .map(({ dn }) => dn)
    .sort();

describe('apic-mock: zoning rules step by step', () => {
  let mock: ApicMock;
  let fresh: ApicMock;

  before(async () => {
    mock = await startPlain();
    fresh = await startPlain();
  });
  after(async () => {
    await mock.stop();
    await fresh.stop();
  });

  it('are those that the same objects give at once', () => {
    let compared = 0;
    fc.assert(
      fc.property(steps, (list) => {
        mock.reset();
        mock.load(beginning);
        for (const { step, looks } of list) {
          take(mock, step);
          if (looks) mock.size();
        }
        fresh.reset();
        fresh.restore(mock.snapshot());
        const rules = rulesOf(mock);
        compared += rules.length;
        assert.deepEqual(rules, rulesOf(fresh));
      }),
      { numRuns: 100 },
    );
    assert.ok(compared > 1_000, `${compared} rules`);
  }).timeout(120_000);

  it('give every group a number of its own, and one of all VRFs to the same groups, whatever was written before', () => {
    fc.assert(
      fc.property(steps, (list) => {
        mock.reset();
        mock.load(beginning);
        for (const { step } of list) take(mock, step);
        const numbered = ['fvAEPg', 'fvESg', 'l3extInstP', 'fvBD', 'fvCtx'].flatMap((name) => mock.objects(name));
        const places = numbered
          .map(({ attributes: { pcTag = '', scope = '' } }) => (Number(pcTag) < 16_386 ? pcTag : `${scope} ${pcTag}`))
          .filter((place) => !/^(any|0|)$/.test(place));
        assert.equal(new Set(places).size, places.length, places.sort().join(', '));
        fresh.reset();
        for (const dn of ['uni/tn-t', 'uni/tn-u']) {
          const tree = mock.tree(dn);
          if (tree !== undefined) fresh.load(unnumbered(tree));
        }
        assert.deepEqual(guestsOf(mock), guestsOf(fresh));
      }),
      { numRuns: 60 },
    );
  }).timeout(120_000);
});
