import assert from 'node:assert/strict';
import type { ApicMock } from '#apic-mock';
import { type ManagedObject, managedObject as object } from '#model/aci';
import { startPlain } from './apic-client.js';
import {
  consumes,
  epg,
  epgIn,
  externalEpg,
  http80,
  provides,
  vrfWithBridgeDomain,
  webContract,
} from './zoning-objects.js';

const CLIENT = 'uni/tn-t/ap-a/epg-client';
const SERVER = 'uni/tn-t/ap-a/epg-server';

const subnet = (ip: string, scope: string): ManagedObject => object('fvSubnet', { ip, scope });

/** A client in one VRF and a server in another of the same tenant. */
const twoVrfs = (scope: string, ...more: readonly ManagedObject[]): ManagedObject =>
  object('fvTenant', { name: 't' }, [
    ...vrfWithBridgeDomain('v', 'b', subnet('10.1.0.1/16', 'private,shared')),
    ...vrfWithBridgeDomain('w', 'c', subnet('10.2.0.1/16', 'private')),
    http80,
    webContract('web', scope),
    object('fvAp', { name: 'a' }, [epg('client', consumes('web')), epgIn('c', 'server', provides('web'))]),
    ...more,
  ]);

describe('apic-mock: zoning rules between VRFs and by inheritance', () => {
  let mock: ApicMock;

  before(async () => {
    mock = await startPlain();
  });
  beforeEach(() => mock.reset());
  after(() => mock.stop());

  const of = (dn: string): Readonly<Record<string, string>> => mock.object(dn)?.attributes ?? {};
  /** Rules of a VRF on one leaf that are not in every VRF: source, destination, action, priority, contract. */
  const rulesOf = (vrf: string): readonly (readonly (string | undefined)[])[] =>
    mock
      .objects('actrlRule')
      .filter(({ dn }) => dn.startsWith(`topology/pod-1/node-101/sys/actrl/scope-${of(`uni/tn-t/ctx-${vrf}`).scope}/`))
      .map(({ attributes }) => attributes)
      .filter(({ prio = '' }) => !['any_any_filter', 'any_any_any', 'any_vrf_any_deny', 'any_dest_any'].includes(prio))
      .map(({ sPcTag, dPcTag, action, prio, ctrctName }) => [sPcTag, dPcTag, action, prio, ctrctName]);
  const isPermitted = (source: string, destination: string, destinationPort = 80): boolean =>
    mock.permits({ source, destination, protocol: 'tcp', destinationPort }).permitted;

  it('stand in the VRF of the consumer, where the provider has a number of all VRFs and may do nothing else', () => {
    mock.load(twoVrfs('tenant'));
    const [client = '', server = ''] = [of(CLIENT).pcTag, of(SERVER).pcTag];
    assert.ok(Number(server) >= 16 && Number(server) < 16_386, server);
    assert.ok(Number(client) >= 16_386, client);
    assert.deepEqual(rulesOf('v'), [
      [client, server, 'permit', 'fully_qual', 't:web'],
      [server, client, 'permit', 'fully_qual', 't:web'],
      [server, 'any', 'deny,log', 'shsrc_any_any_deny', ''],
    ]);
    assert.deepEqual(rulesOf('w'), [[server, '14', 'permit_override', 'src_dst_any', '']]);
    assert.equal(isPermitted(CLIENT, SERVER), true);
    assert.equal(isPermitted(CLIENT, SERVER, 81), false);
    assert.equal(isPermitted(SERVER, CLIENT), false);
    const reply = { source: SERVER, destination: CLIENT, protocol: 6, sourcePort: 80, destinationPort: 40_000 };
    assert.equal(mock.permits(reply).permitted, true);
  });

  it('come and go with the scope of the contract, and with them the number of the provider', () => {
    for (const [scope, expected] of [
      ['context', false],
      ['tenant', true],
      ['context', false],
      ['global', true],
    ] as const) {
      mock.load(twoVrfs(scope));
      assert.equal(isPermitted(CLIENT, SERVER), expected, scope);
      assert.equal(Number(of(SERVER).pcTag) < 16_386, expected, scope);
    }
    mock.load(object('fvRsCons', { dn: `${CLIENT}/rscons-web`, status: 'deleted' }));
    assert.ok(Number(of(SERVER).pcTag) >= 16_386, 'nobody else consumes');
    assert.deepEqual([rulesOf('v'), rulesOf('w')], [[], []]);
  });

  it('hold the numbers of groups apart when guests come and go', () => {
    for (let round = 0; round < 3; round += 1) {
      mock.load(twoVrfs('tenant'));
      mock.load(
        object('fvTenant', { name: 't' }, [
          object('fvAp', { name: 'a' }, [
            object('fvESg', { name: `g${round}` }, [object('fvRsScope', { tnFvCtxName: 'v' })]),
            epgIn('c', `other${round}`, provides('web')),
          ]),
        ]),
      );
      const numbered = [...mock.objects('fvAEPg'), ...mock.objects('fvESg')].filter(({ dn }) =>
        dn.startsWith('uni/tn-t/'),
      );
      const shared = numbered.map(({ attributes }) => attributes.pcTag).filter((tag) => Number(tag) < 16_386);
      assert.equal(new Set(shared).size, shared.length, shared.join(' '));
      assert.equal(shared.length, 2 * (round + 1) + 1);
      mock.load(twoVrfs('context'));
      mock.load(object('fvAEPg', { dn: SERVER, status: 'deleted' }));
    }
  });

  it('of an exported contract: from another tenant through its interface, if the contract is global', () => {
    const importer = object('fvTenant', { name: 'u' }, [
      ...vrfWithBridgeDomain('x', 'd'),
      object('vzCPIf', { name: 'if' }, [object('vzRsIf', { tDn: 'uni/tn-t/brc-web' })]),
      object('fvAp', { name: 'a' }, [epgIn('d', 'far', object('fvRsConsIf', { tnVzCPIfName: 'if' }))]),
    ]);
    const far = 'uni/tn-u/ap-a/epg-far';
    for (const [scope, expected] of [
      ['tenant', false],
      ['global', true],
    ] as const) {
      mock.load(twoVrfs(scope));
      mock.load(importer);
      assert.equal(isPermitted(far, SERVER), expected, scope);
    }
    mock.load(object('vzCPIf', { dn: 'uni/tn-u/cif-if', status: 'deleted' }));
    assert.equal(isPermitted(far, SERVER), false);
  });

  it('of an external EPG that consumes stand in the VRF of the provider, both sides shut against the rest', () => {
    const out = externalEpg(
      'o',
      'v',
      object('l3extSubnet', { ip: '192.0.2.0/24', scope: 'import-security,shared-security,shared-rtctrl' }),
      consumes('web'),
    );
    mock.load(twoVrfs('tenant', out));
    mock.load(object('fvRsCons', { dn: `${CLIENT}/rscons-web`, status: 'deleted' }));
    const [outside = '', server = ''] = [of('uni/tn-t/out-o/instP-i').pcTag, of(SERVER).pcTag];
    assert.ok(Number(outside) < 16_386 && Number(server) >= 16_386, `${outside} ${server}`);
    assert.deepEqual(rulesOf('w'), [
      [outside, server, 'permit', 'fully_qual', 't:web'],
      [server, outside, 'permit', 'fully_qual', 't:web'],
      [outside, 'any', 'deny,log', 'shsrc_any_any_deny', ''],
      ['any', outside, 'deny,log', 'shsrc_any_any_deny', ''],
      [server, '14', 'permit_override', 'src_dst_any', ''],
    ]);
    assert.deepEqual(rulesOf('v'), []);
    assert.equal(isPermitted('uni/tn-t/out-o/instP-i', SERVER), true);
  });

  it('of any group of a VRF as consumer, never as provider', () => {
    const anyOf = (relation: string): ManagedObject =>
      object('fvCtx', { name: 'v' }, [object('vzAny', {}, [object(relation, { tnVzBrCPName: 'web' })])]);
    const withAny = (relation: string): ManagedObject =>
      object('fvTenant', { name: 't' }, [
        ...vrfWithBridgeDomain('v', 'b'),
        anyOf(relation),
        ...vrfWithBridgeDomain('w', 'c'),
        http80,
        webContract('web', 'global'),
        object('fvAp', { name: 'a' }, [
          epg('client'),
          epgIn('c', 'server', provides('web')),
          epgIn('c', 'third', consumes('web')),
        ]),
      ]);
    mock.load(withAny('vzRsAnyToCons'));
    const verdict = mock.permits({ source: CLIENT, destination: SERVER, protocol: 'tcp', destinationPort: 80 });
    assert.deepEqual([verdict.permitted, verdict.rule?.priority], [true, 'shsrc_any_filt_perm']);
    mock.load(object('vzRsAnyToCons', { dn: 'uni/tn-t/ctx-v/any/rsanyToCons-web', status: 'deleted' }));
    assert.equal(isPermitted(CLIENT, SERVER), false);
    mock.load(withAny('vzRsAnyToProv'));
    assert.equal(isPermitted('uni/tn-t/ap-a/epg-third', CLIENT), false);
  });

  it('help an address only where its subnet is leaked', () => {
    mock.load(twoVrfs('tenant'));
    const endpoint = (group: string, mac: string, addr: string): ManagedObject =>
      object('fvCEp', { dn: `${group}/cep-${mac}`, mac }, [object('fvIp', { addr })]);
    mock.load(endpoint(CLIENT, '00:50:56:AA:BB:01', '10.1.0.7'));
    mock.load(endpoint(SERVER, '00:50:56:AA:BB:02', '10.2.0.7'));
    assert.equal(isPermitted('10.1.0.7', '10.2.0.7'), false, "the server's subnet is private");
    mock.load(object('fvAEPg', { dn: SERVER }, [subnet('10.2.0.1/16', 'shared')]));
    assert.equal(isPermitted('10.1.0.7', '10.2.0.7'), true);
    mock.load(object('fvSubnet', { dn: 'uni/tn-t/BD-b/subnet-[10.1.0.1/16]', scope: 'private' }));
    assert.equal(isPermitted('10.1.0.7', '10.2.0.7'), false, "the client's subnet is private");
    const leak = object('leakInternalSubnet', { ip: '10.1.0.0/16' });
    mock.load(object('fvCtx', { dn: 'uni/tn-t/ctx-v' }, [object('leakRoutes', {}, [leak])]));
    assert.equal(isPermitted('10.1.0.7', '10.2.0.7'), true, 'the VRF leaks it');
  });

  describe('by inheritance', () => {
    const inherits = (...names: readonly string[]): ManagedObject[] =>
      names.map((name) => object('fvRsSecInherited', { tDn: `uni/tn-t/ap-a/epg-${name}` }));
    const HEIR = 'uni/tn-t/ap-a/epg-heir';
    const GRANDCHILD = 'uni/tn-t/ap-a/epg-grandchild';

    const family = object('fvTenant', { name: 't' }, [
      ...vrfWithBridgeDomain('v', 'b'),
      http80,
      webContract('web', 'context'),
      object('fvAp', { name: 'a' }, [
        epg('client', consumes('web')),
        epg('server', provides('web')),
        epg('heir', ...inherits('client')),
        epg('grandchild', ...inherits('heir')),
      ]),
    ]);

    it('are the same for a group and its heirs, not for heirs of heirs', () => {
      mock.load(family);
      assert.equal(isPermitted(HEIR, SERVER), true);
      assert.equal(isPermitted(GRANDCHILD, SERVER), false);
      assert.equal(isPermitted(HEIR, CLIENT), false, 'they may not talk with each other');
    });

    it('follow the master and the relation', () => {
      mock.load(family);
      const relation = `${HEIR}/rssecInherited-[${CLIENT}]`;
      const steps: readonly (readonly [string, ManagedObject, boolean])[] = [
        ['no master', object('fvRsSecInherited', { dn: relation, status: 'deleted' }), false],
        ['a master', object('fvRsSecInherited', { dn: relation }), true],
        ['the master consumes no more', object('fvRsCons', { dn: `${CLIENT}/rscons-web`, status: 'deleted' }), false],
        ['it consumes again', object('fvRsCons', { dn: `${CLIENT}/rscons-web` }), true],
        ['the master is gone', object('fvAEPg', { dn: CLIENT, status: 'deleted' }), false],
        ['the master is back', family, true],
        [
          'another number',
          object('fvTenant', { name: 't' }, [
            ...vrfWithBridgeDomain('w', 'c'),
            object('fvAp', { name: 'a' }, [epgIn('c', 'heir'), epgIn('c', 'server')]),
          ]),
          true,
        ],
      ];
      for (const [step, tree, expected] of steps) {
        mock.load(tree);
        assert.equal(isPermitted(HEIR, SERVER), expected, step);
      }
    });

    it('make heirs guests of other VRFs too', () => {
      mock.load(twoVrfs('tenant'));
      mock.load(
        object('fvTenant', { name: 't' }, [object('fvAp', { name: 'a' }, [epgIn('c', 'heir', ...inherits('server'))])]),
      );
      assert.ok(Number(of(HEIR).pcTag) < 16_386);
      assert.equal(isPermitted(CLIENT, HEIR), true);
      mock.load(object('fvRsProv', { dn: `${SERVER}/rsprov-web`, status: 'deleted' }));
      assert.ok(Number(of(HEIR).pcTag) >= 16_386);
      assert.equal(isPermitted(CLIENT, HEIR), false);
    });
  });
});
