import assert from 'node:assert/strict';
import type { ApicMock } from '#apic-mock';
import { managedObject as object } from '#model/aci';
import { httpClient, loggedIn, openSocket, startPlain } from './apic-client.js';

const PORT = 'topology/pod-1/paths-101/pathep-[eth1/1]';
const OTHER_PORT = 'topology/pod-1/paths-102/pathep-[eth1/2]';
const BUNDLE = 'topology/pod-1/protpaths-101-102/pathep-[hosts]';
const MAC = '00:50:56:AA:BB:01';
const EPG = 'uni/tn-t/ap-a/epg-e';
const CEP = `${EPG}/cep-${MAC}`;

const bound = (tDn: string): ReturnType<typeof object> => object('fvRsPathAtt', { tDn, encap: 'vlan-101' });

const tenant = object('fvTenant', { name: 't' }, [
  object('fvCtx', { name: 'v' }),
  object('fvBD', { name: 'b' }, [
    object('fvRsCtx', { tnFvCtxName: 'v' }),
    object('fvSubnet', { ip: '10.1.0.1/16' }),
    object('fvSubnet', { ip: '2001:db8::1/64' }),
  ]),
  object('fvAp', { name: 'a' }, [
    object('fvAEPg', { name: 'e' }, [
      object('fvRsBd', { tnFvBDName: 'b' }),
      bound(PORT),
      bound(OTHER_PORT),
      bound(BUNDLE),
    ]),
  ]),
]);

describe('apic-mock: endpoints over HTTP', () => {
  let mock: ApicMock;

  before(async () => {
    mock = await startPlain({ control: true });
  });
  beforeEach(() => {
    mock.reset();
    mock.load(tenant);
  });
  after(() => mock.stop());

  const seen = { mac: MAC, encap: 'vlan-101', path: PORT };
  const post = async (path: string, body: unknown): Promise<{ status: number; data: Record<string, unknown> }> =>
    httpClient(mock).post(`/mock/endpoints${path}`, body);
  const addresses = (): readonly string[] => mock.objects('fvIp').map(({ attributes }) => attributes['addr'] ?? '');

  it('are learned with several addresses of both families, in one spelling, and forgotten', async () => {
    const ips = ['10.1.0.7', '10.1.0.8', '2001:DB8:0:0::00a'];
    const { status, data } = await post('', { ...seen, mac: MAC.toLowerCase(), ips });
    assert.deepEqual([status, data], [200, { dn: CEP, group: EPG, hasAddress: true }]);
    assert.deepEqual(addresses(), ['10.1.0.7', '10.1.0.8', '2001:db8::a']);
    assert.deepEqual((await post('/forget', { mac: MAC, ip: '2001:db8::000A' })).data, { forgotten: true });
    assert.deepEqual(addresses(), ['10.1.0.7', '10.1.0.8']);
    assert.deepEqual((await post('/forget', { mac: MAC })).data, { forgotten: true });
    assert.deepEqual((await post('/forget', { mac: MAC })).data, { forgotten: false });
    assert.equal(mock.object(CEP), undefined);
  });

  it('move with their addresses: what was learned is modified, its path is another, and it is recorded', async () => {
    await post('', { ...seen, ip: '10.1.0.7' });
    const client = await loggedIn(mock);
    const socket = await openSocket(mock, client.token);
    const classes = 'fvCEp,fvIp,fvRsCEpToPathEp';
    await client.http.get(
      `/api/mo/uni/tn-t.json?subscription=yes&query-target=subtree&target-subtree-class=${classes}`,
    );
    await post('', { ...seen, path: OTHER_PORT });
    await socket.until(() => socket.frames.length > 0 && socket.objects().length === 4);
    assert.deepEqual([...socket.summary()].sort(), [
      `created ${CEP}/rscEpToPathEp-[${OTHER_PORT}]`,
      `deleted ${CEP}/rscEpToPathEp-[${PORT}]`,
      `modified ${CEP}`,
      `modified ${CEP}/ip-[10.1.0.7]`,
    ]);
    socket.socket.terminate();
    const events = mock.objects('eventRecord').filter(({ attributes }) => attributes['affected'] === CEP);
    assert.deepEqual(
      events.map(({ attributes }) => attributes['ind']),
      ['creation', 'state-transition'],
    );
  });

  it('are seen by both leaves of a bundle, and in an EPG that is named', async () => {
    await post('', { ...seen, path: BUNDLE });
    const nodes = mock.objects('fvReportingNode').map(({ attributes }) => attributes['id']);
    assert.deepEqual(nodes, ['101', '102']);
    const named = await post('', { ...seen, mac: '00:50:56:AA:BB:02', encap: 'vlan-3000', epg: EPG });
    assert.deepEqual([named.status, named.data['group']], [200, EPG]);
  });

  it('what is not there is named', async () => {
    const noPort = 'topology/pod-1/paths-101/pathep-[eth9/9]';
    const cases: readonly (readonly [unknown, RegExp])[] = [
      [{ ...seen, encap: 'vlan-999' }, /no EPG has vlan-999 on topology\/pod-1\/paths-101/],
      [{ ...seen, path: noPort }, /path: .* found 'topology\/pod-1\/paths-101\/pathep-\[eth9\/9\]'/],
      [{ ...seen, path: 'topology/pod-1/protpaths-101-999/pathep-[x]' }, /path: .* found .*101-999/],
      [{ ...seen, epg: 'uni/tn-t/ap-a/epg-none' }, /epg: .* found 'uni\/tn-t\/ap-a\/epg-none'/],
      [{ ...seen, epg: 'uni/tn-t' }, /epg: .* found 'uni\/tn-t'/],
      [{ ...seen, ip: '10.1.0.300' }, /ip: expected an address, found '10.1.0.300'/],
      [{ ...seen, mac: 'nonsense' }, /mac: .* found 'nonsense'/],
      [{ ...seen, ips: '10.1.0.7' }, /ips: expected a list/],
      [{ ...seen, port: PORT }, /unknown field 'port'; expected mac, encap, path/],
      [{ mac: MAC }, /encap: expected a text/],
      [[], /expected an object/],
    ];
    for (const [body, reason] of cases) {
      const { status, data } = await post('', body);
      assert.equal(status, 400, JSON.stringify(body));
      assert.match(String(data['error']), reason);
    }
    assert.equal((await post('/forget', { mac: MAC, ip: 'x' })).status, 400);
    assert.deepEqual(mock.objects('fvCEp'), []);
  });
});
