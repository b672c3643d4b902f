import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ApicMock } from '#apic-mock';
import { FabricEvaluator, type Packet } from '#fabric';
import { flatten, type ManagedObject, managedObject as object } from '#model/aci';
import { startPlain } from './apic-client.js';

const EPGS = ['a', 'b', 'c', 'd'];
const ISOLATED: ReadonlySet<string> = new Set(['c', 'd']);
const CONTRACTS = ['k', 'l', 'm'];
const FILTERS = ['f', 'g', 'h'];
const PORTS = [22, 80, 443, 8080];

const port = fc.constantFrom(...PORTS);
const portRange = fc.tuple(port, port).map(([a, b]) => [String(Math.min(a, b)), String(Math.max(a, b))] as const);

const tcpOrUdp = fc
  .record({
    prot: fc.constantFrom('tcp', 'udp'),
    side: fc.constantFrom('d', 's', 'none'),
    range: portRange,
    tcpRules: fc.constantFrom('unspecified', 'unspecified', 'est', 'syn', 'ack', 'ack,rst'),
    stateful: fc.boolean(),
  })
  .map(({ prot, side, range: [from, to], tcpRules, stateful }) => ({
    etherT: 'ip',
    prot,
    ...(side === 'none' ? {} : { [`${side}FromPort`]: from, [`${side}ToPort`]: to }),
    ...(prot === 'tcp' ? { tcpRules, stateful: stateful ? 'yes' : 'no' } : {}),
  }));

const entry = fc.oneof(
  { weight: 6, arbitrary: tcpOrUdp },
  fc.constantFrom<Record<string, string>>(
    {},
    { etherT: 'ip' },
    { etherT: 'ipv6' },
    { etherT: 'arp' },
    { etherT: 'ipv4', prot: 'icmp' },
    { etherT: 'ip', prot: '132' },
    { etherT: 'ip', applyToFrag: 'yes' },
  ),
);

const filters = fc.tuple(...FILTERS.map(() => fc.array(entry, { maxLength: 3 }))).map((lists) =>
  lists.map((entries, index) =>
    object(
      'vzFilter',
      { name: FILTERS[index] ?? '' },
      entries.map((attributes, number) => object('vzEntry', { name: `e${number}`, ...attributes })),
    ),
  ),
);

const someFilters = fc.uniqueArray(fc.constantFrom(...FILTERS), { minLength: 1, maxLength: 2 });
const attachments = (className: string, withAction: boolean): fc.Arbitrary<ManagedObject[]> =>
  fc
    .tuple(someFilters, fc.boolean())
    .map(([names, denies]) =>
      names.map((tnVzFilterName) =>
        object(className, { tnVzFilterName, ...(withAction && denies ? { action: 'deny' } : {}) }),
      ),
    );

const subject = fc.oneof(
  fc
    .tuple(attachments('vzRsSubjFiltAtt', true), fc.boolean())
    .map(([children, turned]) => object('vzSubj', { name: 's', revFltPorts: turned ? 'yes' : 'no' }, children)),
  fc
    .tuple(attachments('vzRsFiltAtt', false), attachments('vzRsFiltAtt', false))
    .map(([there, back]) =>
      object('vzSubj', { name: 't', revFltPorts: 'no' }, [
        object('vzInTerm', {}, there),
        object('vzOutTerm', {}, back),
      ]),
    ),
);

const contracts = fc
  .tuple(...CONTRACTS.map(() => fc.uniqueArray(subject, { maxLength: 2, selector: (it) => it.attributes['name'] })))
  .map((lists) => lists.map((subjects, index) => object('vzBrCP', { name: CONTRACTS[index] ?? '' }, subjects)));

const roles = (...classes: readonly string[]): fc.Arbitrary<ManagedObject[]> =>
  fc
    .uniqueArray(fc.tuple(fc.constantFrom(...classes), fc.constantFrom(...CONTRACTS)), {
      maxLength: 4,
      selector: String,
    })
    .map((pairs) => pairs.map(([className, tnVzBrCPName]) => object(className, { tnVzBrCPName })));

const epg = (name: string): fc.Arbitrary<ManagedObject> =>
  fc
    .record({
      relations: roles('fvRsProv', 'fvRsCons'),
      intra: fc.option(fc.constantFrom(...CONTRACTS), { nil: undefined }),
      bd: fc.constantFrom('x', 'y'),
    })
    .map(({ relations, intra, bd }) =>
      // A contract for the group itself closes it even without isolation (policy.md A16); the evaluator knows only
      // isolation, so that here the two come together, as the gateway writes them.
      object('fvAEPg', { name, pcEnfPref: ISOLATED.has(name) ? 'enforced' : 'unenforced' }, [
        object('fvRsBd', { tnFvBDName: bd }),
        ...relations,
        ...(ISOLATED.has(name) && intra !== undefined ? [object('fvRsIntraEpg', { tnVzBrCPName: intra })] : []),
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
