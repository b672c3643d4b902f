import assert from 'node:assert/strict';
import type { ApicMock, FlowQuestion } from '#apic-mock';
import { InvalidInputError } from '#errors';
import { type ManagedObject, managedObject as object } from '#model/aci';
import { startPlain } from './apic-client.js';
import { base, consumes, epg, externalEpg, provides, SERVER, vrfWithBridgeDomain } from './zoning-objects.js';

const EPG = 'uni/tn-t/ap-a/epg-hosts';
const MAC = '00:50:56:AA:BB:01';
const ADDRESS = '10.1.0.7';

const app = (...groups: readonly ManagedObject[]): ManagedObject =>
  object('fvTenant', { name: 't' }, [object('fvAp', { name: 'a' }, groups)]);
const useg = (
  name: string,
  criterion: Readonly<Record<string, string>>,
  ...attributes: readonly ManagedObject[]
): ManagedObject =>
  object('fvAEPg', { name, isAttrBasedEPg: 'yes' }, [
    object('fvRsBd', { tnFvBDName: 'b' }),
    object('fvCrtrn', criterion, attributes),
  ]);
const ipAttribute = (name: string, ip: string): ManagedObject => object('fvIpAttr', { name, ip });
const macAttribute = (mac: string): ManagedObject => object('fvMacAttr', { name: 'm', mac });
const esg = (name: string, ...children: readonly ManagedObject[]): ManagedObject =>
  object('fvESg', { name }, [object('fvRsScope', { tnFvCtxName: 'v' }), ...children]);
const byAddress = (prefix: string): ManagedObject => object('fvEPSelector', { matchExpression: `ip=='${prefix}'` });
const byEpg = (matchEpgDn: string): ManagedObject => object('fvEPgSelector', { matchEpgDn });
const byTag = (matchKey: string, matchValue: string, valueOperator = 'equals'): ManagedObject =>
  object('fvTagSelector', { matchKey, matchValue, valueOperator });
const tag = (key: string, value: string): ManagedObject => object('tagTag', { key, value });

describe('apic-mock: classification of addresses', () => {
  let mock: ApicMock;

  before(async () => {
    mock = await startPlain();
  });
  beforeEach(() => {
    mock.reset();
    mock.load(base(object('fvAp', { name: 'a' }, [epg('hosts'), epg('server', provides('web'))])));
    learn(EPG, MAC, ADDRESS);
  });
  after(() => mock.stop());

  const learn = (group: string, mac: string, addr: string): void =>
    mock.load(object('fvCEp', { dn: `${group}/cep-${mac}`, mac }, [object('fvIp', { addr })]));

  /** Name of the group that an address is taken for. */
  function groupOf(source: string, more: Partial<FlowQuestion> = {}): string | undefined {
    const { group } = mock.permits({ source, destination: SERVER, protocol: 'tcp', ...more }).source;
    return group?.split('/').at(-1);
  }

  it('takes an endpoint for one of its EPG, learned or static', () => {
    assert.equal(groupOf(ADDRESS), 'epg-hosts');
    mock.load(app(epg('static', object('fvStCEp', { mac: '00:50:56:AA:BB:09', type: 'silent-host', ip: '10.1.0.9' }))));
    assert.equal(groupOf('10.1.0.9'), 'epg-static');
    assert.equal(groupOf('10.1.0.99'), undefined);
  });

  it('takes it for one of the VRF that is named', () => {
    const other = 'uni/tn-t/ap-a/epg-other';
    const inOther = object('fvAEPg', { name: 'other' }, [object('fvRsBd', { tnFvBDName: 'c' })]);
    mock.load(
      object('fvTenant', { name: 't' }, [...vrfWithBridgeDomain('w', 'c'), object('fvAp', { name: 'a' }, [inOther])]),
    );
    learn(other, '00:50:56:AA:BB:02', ADDRESS);
    assert.equal(groupOf(ADDRESS, { vrf: 'uni/tn-t/ctx-v' }), 'epg-hosts');
    assert.equal(groupOf(ADDRESS, { vrf: 'uni/tn-t/ctx-w' }), 'epg-other');
    assert.throws(() => groupOf(ADDRESS, { vrf: 'uni/tn-t/ctx-none' }), InvalidInputError);
  });

  describe('by attributes of uSeg EPGs', () => {
    const cases: readonly (readonly [string, readonly ManagedObject[], string])[] = [
      ['by an address', [useg('one', {}, ipAttribute('i', '10.1.0.7'))], 'epg-one'],
      ['by a subnet', [useg('one', {}, ipAttribute('i', '10.1.0.0/24'))], 'epg-one'],
      ['not by another address', [useg('one', {}, ipAttribute('i', '10.1.0.8'))], 'epg-hosts'],
      ['by a MAC', [useg('one', {}, macAttribute(MAC))], 'epg-one'],
      ['not by another MAC', [useg('one', {}, macAttribute('00:50:56:AA:BB:FF'))], 'epg-hosts'],
      [
        'by an address before a MAC',
        [useg('one', {}, macAttribute(MAC)), useg('two', {}, ipAttribute('i', '10.1.0.0/16'))],
        'epg-two',
      ],
      [
        'by the longer prefix',
        [useg('one', {}, ipAttribute('i', '10.1.0.0/16')), useg('two', {}, ipAttribute('i', '10.1.0.0/24'))],
        'epg-two',
      ],
      [
        'by the higher precedence of equals',
        [useg('one', { prec: '1' }, macAttribute(MAC)), useg('two', { prec: '2' }, macAttribute(MAC))],
        'epg-two',
      ],
      [
        'by any of several',
        [useg('one', { match: 'any' }, macAttribute(MAC), ipAttribute('i', '10.9.9.9'))],
        'epg-one',
      ],
      [
        'not by some where all are wanted',
        [useg('one', { match: 'all' }, macAttribute(MAC), ipAttribute('i', '10.9.9.9'))],
        'epg-hosts',
      ],
      [
        'by a sub-criterion',
        [
          useg(
            'one',
            { match: 'all' },
            macAttribute(MAC),
            object('fvSCrtrn', { name: 's', match: 'any' }, [ipAttribute('i', '10.9.9.9'), ipAttribute('j', ADDRESS)]),
          ),
        ],
        'epg-one',
      ],
      ['not without an attribute', [useg('one', { match: 'all' })], 'epg-hosts'],
      [
        'not by an attribute of a VM',
        [useg('one', {}, object('fvVmAttr', { name: 'v', type: 'vm-name', value: 'x' }))],
        'epg-hosts',
      ],
    ];
    for (const [name, groups, expected] of cases) {
      it(name, () => {
        mock.load(app(...groups));
        assert.equal(groupOf(ADDRESS), expected);
      });
    }

    it('within the bridge domain, or the VRF when the criterion says so', () => {
      const far = object('fvAEPg', { name: 'far' }, [object('fvRsBd', { tnFvBDName: 'c' })]);
      mock.load(
        object('fvTenant', { name: 't' }, [
          object('fvBD', { name: 'c' }, [object('fvRsCtx', { tnFvCtxName: 'v' })]),
          object('fvAp', { name: 'a' }, [far, useg('one', {}, ipAttribute('i', '10.2.0.0/16'))]),
        ]),
      );
      learn('uni/tn-t/ap-a/epg-far', '00:50:56:AA:BB:03', '10.2.0.7');
      assert.equal(groupOf('10.2.0.7'), 'epg-far');
      mock.load(object('fvCrtrn', { dn: 'uni/tn-t/ap-a/epg-one/crtrn', scope: 'scope-vrf' }));
      assert.equal(groupOf('10.2.0.7'), 'epg-one');
    });

    it('decides which contracts hold', () => {
      const question = { source: ADDRESS, destination: SERVER, protocol: 'tcp', destinationPort: 80 } as const;
      assert.equal(mock.permits(question).permitted, false);
      const segment = useg('one', {}, ipAttribute('i', ADDRESS));
      mock.load(app({ ...segment, children: [...segment.children, consumes('web')] }));
      assert.equal(mock.permits(question).permitted, true);
    });
  });

  describe('by selectors of ESGs', () => {
    const cases: readonly (readonly [string, readonly ManagedObject[], string])[] = [
      ['by a subnet', [esg('one', byAddress('10.1.0.0/24'))], 'esg-one'],
      ['not by another subnet', [esg('one', byAddress('10.2.0.0/24'))], 'epg-hosts'],
      ['by the longer subnet', [esg('one', byAddress('10.1.0.0/16')), esg('two', byAddress('10.1.0.0/24'))], 'esg-two'],
      ['by an EPG', [esg('one', byEpg(EPG))], 'esg-one'],
      ['by a subnet before an EPG', [esg('one', byEpg(EPG)), esg('two', byAddress('10.1.0.0/16'))], 'esg-two'],
      ['by a uSeg EPG', [useg('seg', {}, macAttribute(MAC)), esg('one', byEpg('uni/tn-t/ap-a/epg-seg'))], 'esg-one'],
      [
        'by an address before a uSeg EPG',
        [useg('seg', {}, macAttribute(MAC)), esg('one', byAddress(ADDRESS))],
        'esg-one',
      ],
    ];
    for (const [name, groups, expected] of cases) {
      it(name, () => {
        mock.load(app(...groups));
        assert.equal(groupOf(ADDRESS), expected);
      });
    }

    it('not by an EPG that has contracts of its own', () => {
      mock.load(app(epg('hosts', consumes('web')), esg('one', byEpg(EPG))));
      assert.equal(groupOf(ADDRESS), 'epg-hosts');
      assert.equal(groupOf(EPG), 'epg-hosts');
      mock.load(object('fvRsCons', { dn: `${EPG}/rscons-web`, status: 'deleted' }));
      assert.equal(groupOf(ADDRESS), 'esg-one');
      assert.equal(groupOf(EPG), 'esg-one', 'the EPG as a whole is meant');
    });

    it('by tags of the address, the subnet and the MAC, in this order and before the EPG', () => {
      const steps: readonly (readonly [ManagedObject, string])[] = [
        [app(...['host', 'subnet', 'mac'].map((value) => esg(value, byTag('zone', value)))), 'epg-hosts'],
        [app(esg('epg', byEpg(EPG))), 'esg-epg'],
        [
          object('fvTenant', { name: 't' }, [
            object('fvEpTags', {}, [object('fvEpMacTag', { mac: MAC, bdName: 'b' }, [tag('zone', 'mac')])]),
          ]),
          'esg-mac',
        ],
        [
          object('fvBD', { dn: 'uni/tn-t/BD-b' }, [object('fvSubnet', { ip: '10.1.0.1/24' }, [tag('zone', 'subnet')])]),
          'esg-subnet',
        ],
        [
          object('fvTenant', { name: 't' }, [
            object('fvEpTags', {}, [object('fvEpIpTag', { ip: ADDRESS, ctxName: 'v' }, [tag('zone', 'host')])]),
          ]),
          'esg-host',
        ],
      ];
      for (const [tree, expected] of steps) {
        mock.load(tree);
        assert.equal(groupOf(ADDRESS), expected);
      }
      assert.equal(groupOf(ADDRESS, { bridged: true }), 'esg-mac', 'bridged packets show no address');
    });

    it('by a part of a tag, or a pattern', () => {
      mock.load(
        object('fvTenant', { name: 't' }, [
          object('fvEpTags', {}, [object('fvEpIpTag', { ip: ADDRESS, ctxName: 'v' }, [tag('zone', 'blue-12')])]),
        ]),
      );
      for (const [selector, expected] of [
        [byTag('zone', 'blue'), 'epg-hosts'],
        [byTag('zone', 'blue', 'contains'), 'esg-one'],
        [byTag('zone', '^blue-[0-9]+$', 'regex'), 'esg-one'],
        [byTag('zone', '^blue$', 'regex'), 'epg-hosts'],
        [byTag('zone', '(', 'regex'), 'epg-hosts'],
        [byTag('place', 'blue-12'), 'epg-hosts'],
      ] as const) {
        mock.load(app(esg('one', selector)));
        assert.equal(groupOf(ADDRESS), expected, JSON.stringify(selector.attributes));
        mock.load(object('fvESg', { dn: 'uni/tn-t/ap-a/esg-one', status: 'deleted' }));
      }
    });

    it('only within the VRF of the ESG', () => {
      mock.load(app(esg('one', byAddress('10.1.0.0/16'))));
      mock.load(object('fvTenant', { name: 't' }, [object('fvCtx', { name: 'w' })]));
      mock.load(object('fvRsScope', { dn: 'uni/tn-t/ap-a/esg-one/rsscope', tnFvCtxName: 'w' }));
      assert.equal(groupOf(ADDRESS), 'epg-hosts');
    });
  });

  it('takes outside addresses for the external group with the longest prefix, EPG or ESG', () => {
    const prefix = (ip: string): ManagedObject => object('l3extSubnet', { ip });
    mock.load(
      object('fvTenant', { name: 't' }, [
        externalEpg('o', 'v', prefix('192.0.0.0/16'), prefix('192.0.2.128/25')),
        object('fvAp', { name: 'a' }, [esg('out', object('fvExternalSubnetSelector', { ip: '192.0.2.0/24' }))]),
      ]),
    );
    assert.equal(groupOf('192.0.9.1'), 'instP-i');
    assert.equal(groupOf('192.0.2.1'), 'esg-out');
    assert.equal(groupOf('192.0.2.200'), 'instP-i');
    assert.equal(groupOf('198.51.100.1'), undefined);
  });

  it('makes no rules between an ESG and an EPG', () => {
    mock.load(app(esg('one', byAddress(ADDRESS), consumes('web')), esg('two', provides('web'))));
    const one = 'uni/tn-t/ap-a/esg-one';
    const ask = (destination: string): boolean =>
      mock.permits({ source: one, destination, protocol: 'tcp', destinationPort: 80 }).permitted;
    assert.deepEqual([ask(SERVER), ask('uni/tn-t/ap-a/esg-two')], [false, true]);
  });
});
