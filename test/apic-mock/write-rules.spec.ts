import assert from 'node:assert/strict';
import type { AxiosResponse } from 'axios';
import type { ApicMock } from '#apic-mock';
import { type ManagedObject, managedObject as object, toWire } from '#model/aci';
import { errorOf, type LoggedIn, loggedIn, type Reply, startPlain } from './apic-client.js';

const tenant = (...children: readonly ManagedObject[]): ManagedObject => object('fvTenant', { name: 't' }, children);
const NODE = 'topology/pod-1/node-101';

const out = (name: string, vrf: string, rtrId: string): ManagedObject =>
  object('l3extOut', { name }, [
    object('l3extRsEctx', { tnFvCtxName: vrf }),
    object('l3extLNodeP', { name: 'n' }, [object('l3extRsNodeL3OutAtt', { tDn: NODE, rtrId })]),
  ]);

describe('apic-mock: rules of writes', () => {
  let mock: ApicMock;
  let client: LoggedIn;

  before(async () => {
    mock = await startPlain({ version: '6.1(4h)' });
  });
  beforeEach(async () => {
    mock.reset();
    client = await loggedIn(mock);
  });
  after(() => mock.stop());

  const post = (body: ManagedObject, at = 'uni'): Promise<AxiosResponse> =>
    client.http.post(`/api/mo/${at}.json`, toWire(body));
  const accepted = async (body: ManagedObject): Promise<void> => {
    const answer = await post(body);
    assert.equal(answer.status, 200, JSON.stringify(answer.data));
  };
  /** Posts what is refused, and makes sure that nothing of it is left. */
  const refused = async (body: ManagedObject): Promise<string> => {
    const before = mock.size();
    const { status, code, text } = errorOf(await post(body));
    assert.deepEqual([status, mock.size()], [400, before]);
    return `${code} ${text}`;
  };

  it('103: the same object twice in a request, one to be deleted and one to be made included', async () => {
    const filter = (attributes: Readonly<Record<string, string>>): ManagedObject =>
      object('spanRsSrcGrpToFilterGrp', attributes);
    const group = (...children: readonly ManagedObject[]): ManagedObject =>
      object('infraInfra', {}, [object('spanSrcGrp', { name: 'g' }, children)]);
    await accepted(group(filter({ tDn: 'uni/infra/filtergrp-a' })));
    assert.equal(
      await refused(group(filter({ status: 'deleted' }), filter({ tDn: 'uni/infra/filtergrp-b' }))),
      '103 child (Rn) of class spanRsSrcGrpToFilterGrp is already attached.',
    );
    await accepted(group(filter({ tDn: 'uni/infra/filtergrp-b' })));
  });

  it('104: a name in a Dn that should be an address, in queries too', async () => {
    const url = '/api/mo/uni/tn-t/BD-b/subnet-[non_existing].json';
    const expected = { status: 400, code: '104', text: 'Invalid RN subnet-[non_existing]' };
    assert.deepEqual(errorOf(await client.http.get(url)), expected);
    assert.deepEqual(errorOf(await client.http.delete(url)), expected);
    const answer = await client.http.get<Reply>('/api/mo/uni/tn-t/BD-b/subnet-[10.1.1.1/24].json');
    assert.equal(answer.data.totalCount, '0');
  });

  it('105: a second SPAN destination, and dropped packets of a filtered session', async () => {
    const label = (name: string, status = ''): ManagedObject => object('spanSpanLbl', { name, status });
    const group = (...children: readonly ManagedObject[]): ManagedObject =>
      tenant(object('spanSrcGrp', { name: 'g' }, children));
    await accepted(group(label('one')));
    assert.equal(await refused(group(label('two'))), '105 Only one span destination is supported per session');
    await accepted(group(label('one', 'deleted'), label('two')));
    const filtered = object('infraInfra', {}, [
      object('spanSrcGrp', { name: 'f' }, [
        object('spanRsSrcGrpToFilterGrp', { tDn: 'uni/infra/filtergrp-a' }),
        object('spanSrc', { name: 's', spanOnDrop: 'yes' }),
      ]),
    ]);
    assert.equal(await refused(filtered), '105 Span on drop not supported for the configuration');
  });

  it('105: a SPAN target that is changed, and a node whose dropped packets are not meant', async () => {
    const target = (name: string, attributes: Readonly<Record<string, string>> = {}): ManagedObject =>
      object('infraInfra', {}, [
        object('spanDestGrp', { name: 'g' }, [
          object('spanDest', { name: 'd' }, [
            object('spanRsDestEpg', {
              tDn: `uni/tn-t/ap-a/epg-${name}`,
              ip: '10.0.0.1',
              srcIpPrefix: '10.0.0.2',
              ...attributes,
            }),
          ]),
        ]),
      ]);
    await accepted(target('a'));
    await accepted(target('a', { ttl: '4' }));
    assert.equal(
      await refused(target('b')),
      '105 Span source or destination relation target configuration cannot be dynamically modified',
    );
    const source = (spanOnDrop: string, ...children: readonly ManagedObject[]): ManagedObject =>
      object('fabricInst', {}, [
        object('spanSrcGrp', { name: 'g' }, [object('spanSrc', { name: 's', spanOnDrop }, children)]),
      ]);
    const node = object('spanRsSrcToNode', { tDn: NODE });
    const text = '105 Node span is supported only with Span on drop configuration';
    assert.equal(await refused(source('no', node)), text);
    await accepted(source('yes', node));
    assert.equal(await refused(source('no')), text);
    await accepted(source('no', object('spanRsSrcToNode', { tDn: NODE, status: 'deleted' })));
  });

  it('182: a second fallback route of a group', async () => {
    const group = (...routes: readonly string[]): ManagedObject =>
      tenant(
        object('fvCtx', { name: 'v' }, [
          object(
            'fvFBRGroup',
            { name: 'g' },
            routes.map((fbrPrefix) => object('fvFBRoute', { fbrPrefix })),
          ),
        ]),
      );
    await accepted(group('10.0.0.0/8'));
    assert.equal(await refused(group('11.0.0.0/8')), '182 Multiple fallback routes not allowed in one group.');
    await accepted(group('10.0.0.0/8'));
  });

  it('1: two router ids of a node in a VRF', async () => {
    await accepted(tenant(object('fvCtx', { name: 'v' }), object('fvCtx', { name: 'w' }), out('a', 'v', '192.0.2.1')));
    await accepted(tenant(out('b', 'w', '192.0.2.2')));
    assert.equal(
      await refused(tenant(out('c', 'v', '192.0.2.2'))),
      '1 Invalid Configuration - VRF Validation failed for VRF = uni/tn-t/ctx-v: Different RouterId exists for node in ' +
        `uni/tn-t/out-c/lnodep-n/rsnodeL3OutAtt-[${NODE}]; conflicting router ids are: 192.0.2.1 and 192.0.2.2 ` +
        'If this was an attempt to modify, consider deletion followed by addition',
    );
    await accepted(tenant(out('c', 'v', '192.0.2.1')));
  });

  it('leaves relations as they were when a request is refused at its end', async () => {
    await accepted(tenant(object('fvCtx', { name: 'v' }), out('a', 'v', '192.0.2.1')));
    const vrf = object('fvCtx', { name: 'w' });
    const bound = object('fvBD', { name: 'b' }, [object('fvRsCtx', { tnFvCtxName: 'w' })]);
    await refused(tenant(vrf, bound, out('c', 'v', '192.0.2.2')));
    await accepted(tenant(bound));
    assert.notEqual(mock.object('uni/tn-t/BD-b/rsctx')?.attributes['tDn'], 'uni/tn-t/ctx-w');
    await accepted(tenant(vrf));
    assert.equal(mock.object('uni/tn-t/BD-b/rsctx')?.attributes['tDn'], 'uni/tn-t/ctx-w');
    assert.ok(mock.object('uni/tn-t/ctx-w/rtctx-[uni/tn-t/BD-b]'));
  });

  it('1: a subnet of one host that would be a gateway', async () => {
    const subnet = (ip: string, ctrl: string): ManagedObject =>
      tenant(object('fvBD', { name: 'b' }, [object('fvSubnet', { ip, ctrl })]));
    for (const ip of ['10.1.1.1/32', '2001:db8::1/128']) {
      assert.match(await refused(subnet(ip, 'nd')), /^1 Invalid Configuration - .*no-default-gateway/);
      await accepted(subnet(ip, 'no-default-gateway'));
    }
    await accepted(subnet('2001:db8:0:1::1/64', 'nd'));
  });

  it('100: a delimiter that is part of the names', async () => {
    const bind = (name: string, delimiter: string): ManagedObject =>
      tenant(
        object('fvAp', { name: 'a' }, [
          object('fvAEPg', { name }, [object('fvRsDomAtt', { tDn: 'uni/vmmp-VMware/dom-d', delimiter })]),
        ]),
      );
    assert.equal(
      await refused(bind('my_epg', '_')),
      '100 Validation failed: Tenant/Application/EPG name contains _. Please use another delimiter or rename',
    );
    await accepted(bind('my_epg', '~'));
  });

  const profile = (...children: readonly ManagedObject[]): ManagedObject =>
    object('infraInfra', {}, [object('infraAttEntityP', { name: 'p' }, children)]);
  const inProfile = (status = ''): ManagedObject => object('infraRsDomP', { tDn: 'uni/phys-d', status });
  const gone = object('physDomP', { name: 'd', status: 'deleted' });

  it('107: deleting a physical domain that is in use, from 6.1(1) on', async () => {
    await accepted(object('physDomP', { name: 'd' }));
    await accepted(profile(inProfile()));
    assert.equal(
      await refused(gone),
      "107 uni/phys-d is used by uni/infra/attentp-p, make sure it's not used before deleting it",
    );
    assert.match(errorOf(await client.http.delete('/api/mo/uni/phys-d.json')).text, /before deleting it$/);
    assert.equal(mock.objects('infraRtDomP').length, 1);
    await accepted(object('polUni', {}, [profile(inProfile('deleted')), gone]));
    assert.equal(mock.object('uni/phys-d'), undefined);
  });

  it('lets anything else go, and older releases a domain too: relations lose their target', async () => {
    await accepted(object('l3extDomP', { name: 'd' }));
    await accepted(tenant(object('l3extOut', { name: 'o' }, [object('l3extRsL3DomAtt', { tDn: 'uni/l3dom-d' })])));
    assert.equal((await client.http.delete('/api/mo/uni/l3dom-d.json')).status, 200);
    assert.equal(mock.object('uni/tn-t/out-o/rsl3DomAtt')?.attributes['state'], 'missing-target');
    const older = await startPlain();
    try {
      older.load(object('polUni', {}, [object('physDomP', { name: 'd' }), profile(inProfile())]));
      const { http } = await loggedIn(older);
      assert.equal((await http.delete('/api/mo/uni/phys-d.json')).status, 200);
    } finally {
      await older.stop();
    }
  });
});
