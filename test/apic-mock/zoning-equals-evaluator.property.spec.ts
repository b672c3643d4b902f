import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ApicMock } from '#apic-mock';
import { FabricEvaluator, type Packet } from '#fabric';
import { flatten, type ManagedObject, managedObject as object } from '#model/aci';
import { startPlain } from './apic-client.js';
import { CONTRACTS, contracts, filters, PORTS, roles } from './contract-arbitraries.js';

const EPGS = ['a', 'b', 'c', 'd'];
const ISOLATED: ReadonlySet<string> = new Set(['c', 'd']);
const epg = (name: string): fc.Arbitrary<ManagedObject> =>
  fc
    .record({
      relations: roles('fvRsProv', 'fvRsCons'),
      intra: fc.option(fc.constantFrom(...CONTRACTS), { nil: undefined }),
      masters: fc.subarray(EPGS, { maxLength: 2 }),
      bd: fc.constantFrom('x', 'y'),
    })
    .map(({ relations, intra, masters, bd }) =>
      object('fvAEPg', { name, pcEnfPref: ISOLATED.has(name) ? 'enforced' : 'unenforced' }, [
        object('fvRsBd', { tnFvBDName: bd }),
        ...relations,
        ...(intra === undefined ? [] : [object('fvRsIntraEpg', { tnVzBrCPName: intra })]),
        ...masters
          .filter((master) => master !== name)
          .map((master) => object('fvRsSecInherited', { tDn: `uni/tn-t/ap-p/epg-${master}` })),
      ]),
    );

const external = roles('fvRsProv', 'fvRsCons').map((relations) =>
  object('l3extOut', { name: 'o' }, [
    object('l3extRsEctx', { tnFvCtxName: 'v' }),
    object('l3extInstP', { name: 'i' }, [object('l3extSubnet', { ip: '192.0.2.0/24' }), ...relations]),
  ]),
);

const any = roles('vzRsAnyToProv', 'vzRsAnyToCons');
const toVrf = (name: string, vrf: string): ManagedObject =>
  object('fvBD', { name }, [object('fvRsCtx', { tnFvCtxName: vrf })]);

const tenant = fc
  .record({ filters, contracts, epgs: fc.tuple(...EPGS.map(epg)), external, any, otherVrf: fc.boolean() })
  .map((parts) =>
    object('fvTenant', { name: 't' }, [
      object('fvCtx', { name: 'v' }, [object('vzAny', {}, parts.any)]),
      object('fvCtx', { name: 'w' }),
      toVrf('x', 'v'),
      toVrf('y', parts.otherVrf ? 'w' : 'v'),
      ...parts.filters,
      ...parts.contracts,
      parts.external,
      object('fvAp', { name: 'p' }, parts.epgs),
    ]),
  );

/** Parts that go away between two questions; the tree that follows brings some of them back. */
const losses = fc.subarray([
  'flt-f/e-e0',
  'flt-g',
  'brc-k/subj-s',
  'brc-l',
  'ap-p/epg-a',
  'ap-p/epg-b/rsprov-k',
  'ap-p/epg-c/rscons-l',
  'ctx-v/any/rsanyToCons-m',
  'out-o/instP-i',
]);

const packets: readonly Packet[] = [
  ...[['syn'], ['syn', 'ack'], ['ack'], ['rst'], ['fin', 'ack']].flatMap((flags) =>
    PORTS.flatMap((number) => [packet(6, 40_000, number, flags), packet(6, number, 40_000, flags)]),
  ),
  ...PORTS.flatMap((number) => [packet(17, 40_000, number), packet(17, number, 40_000)]),
  packet(1, 0, 0),
  packet(132, 40_000, 80),
  { ...packet(17, 0, 0), laterFragment: true },
];

function packet(protocol: number, sourcePort: number, destinationPort: number, flags: readonly string[] = []): Packet {
  return {
    family: 4,
    protocol,
    sourcePort,
    destinationPort,
    ...(protocol === 6 ? { tcpFlags: new Set(flags) as NonNullable<Packet['tcpFlags']> } : {}),
  };
}

describe('apic-mock: zoning rules against the evaluator of the gateway', () => {
  let mock: ApicMock;

  before(async () => {
    mock = await startPlain();
  });
  after(() => mock.stop());

  const GROUPS = [...EPGS.map((name) => `uni/tn-t/ap-p/epg-${name}`), 'uni/tn-t/out-o/instP-i'];

  function compare(): { asked: number; permitted: number } {
    const evaluator = new FabricEvaluator(flatten(mock.tree('uni/tn-t') ?? object('fvTenant', { name: 't' }), 'uni'));
    const there = GROUPS.filter((dn) => mock.object(dn) !== undefined);
    let permitted = 0;
    for (const source of there) {
      for (const destination of there) {
        for (const asked of packets) {
          const expected = evaluator.verdict(source, destination, asked);
          const verdict = mock.permits({
            source,
            destination,
            protocol: asked.protocol,
            sourcePort: asked.sourcePort,
            destinationPort: asked.destinationPort,
            flags: [...(asked.tcpFlags ?? [])],
            laterFragment: asked.laterFragment ?? false,
          });
          if (verdict.permitted) permitted += 1;
          const message = `${source} → ${destination} ${JSON.stringify({ ...asked, flags: [...(asked.tcpFlags ?? [])] })}`;
          assert.equal(verdict.permitted, expected.permitted, `${message}: ${JSON.stringify(verdict.rule)}`);
        }
      }
    }
    return { asked: there.length ** 2 * packets.length, permitted };
  }

  it('says of every flow what the evaluator says, also after parts went away and came back', () => {
    let asked = 0;
    let permitted = 0;
    const count = (result: { asked: number; permitted: number }): void => {
      asked += result.asked;
      permitted += result.permitted;
    };
    const sizeBefore = mock.size();
    fc.assert(
      fc.property(tenant, losses, tenant, (first, lost, second) => {
        // Not after the comparisons alone: a run that fails must not leave its tree to those that shrink it.
        mock.load(object('fvTenant', { dn: 'uni/tn-t', status: 'deleted' }));
        mock.load(first);
        count(compare());
        for (const rn of lost)
          mock.load({ [classOf(rn)]: { attributes: { dn: `uni/tn-t/${rn}`, status: 'deleted' } } });
        count(compare());
        mock.load(second);
        count(compare());
        mock.load(object('fvTenant', { dn: 'uni/tn-t', status: 'deleted' }));
        assert.equal(mock.size(), sizeBefore, 'rules, filters or scopes stay behind');
      }),
      { numRuns: 30 },
    );
    assert.ok(asked > 50_000 && permitted > asked / 20 && permitted < asked, `${permitted} of ${asked}`);
  }).timeout(120_000);
});

function classOf(rn: string): string {
  const last = rn.split('/').at(-1) ?? '';
  const [start = ''] = last.split('-');
  const names: Readonly<Record<string, string>> = {
    e: 'vzEntry',
    flt: 'vzFilter',
    subj: 'vzSubj',
    brc: 'vzBrCP',
    epg: 'fvAEPg',
    rsprov: 'fvRsProv',
    rscons: 'fvRsCons',
    rsanyToCons: 'vzRsAnyToCons',
    instP: 'l3extInstP',
  };
  return names[start] ?? '';
}
