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

  /** `101 epmMacEp mac-…`, of all that the leaves know. */
  const onLeaves = (): readonly string[] =>
    ['epmMacEp', 'epmIpEp']
      .flatMap((className) => mock.objects(className))
      .map(({ dn, className }) => `${/node-(\d+)/.exec(dn)?.[1]} ${className} ${dn.split('/db-ep/')[1]}`)
      .sort();

  it('are known to the leaves that report them, in the database of their VLAN', async () => {
    await post('', { ...seen, ip: '10.1.0.7' });
    const [vrf, bd, group] = ['uni/tn-t/ctx-v', 'uni/tn-t/BD-b', EPG].map((dn) => mock.object(dn)?.attributes ?? {});
    const leaf = 'topology/pod-1/node-101/sys';
    const database = `${leaf}/ctx-[vxlan-${vrf?.['seg']}]/bd-[vxlan-${bd?.['seg']}]/vlan-[vlan-101]/db-ep`;
    const mac = mock.object(`${database}/mac-${MAC}`)?.attributes ?? {};
    assert.deepEqual(
      [mac['addr'], mac['ifId'], mac['pcTag'], mac['flags']],
      [MAC, 'eth1/1', group?.['pcTag'], 'local,mac'],
    );
    assert.equal(mock.object(`${database}/ip-[10.1.0.7]`)?.attributes['flags'], 'ip,local');
    const relation = mock.object(`${database}/mac-${MAC}/rsmacEpToIpEpAtt-[${database}/ip-[10.1.0.7]]`);
    assert.equal(relation?.attributes['state'], 'formed');
    await post('/forget', { mac: MAC, ip: '10.1.0.7' });
    assert.deepEqual(onLeaves(), [`101 epmMacEp mac-${MAC}`]);
    await post('/forget', { mac: MAC });
    assert.deepEqual([onLeaves(), mock.objects('l3Ctx'), mock.objects('epmRsMacEpToIpEpAtt')], [[], [], []]);
  });

  it('move from leaf to leaf, stand on both of a bundle, and share their rooms', async () => {
    const other = '00:50:56:AA:BB:02';
    await post('', { ...seen, ip: '10.1.0.7' });
    await post('', { ...seen, mac: other });
    await post('', { ...seen, path: OTHER_PORT });
    assert.deepEqual(onLeaves(), [`101 epmMacEp mac-${other}`, '102 epmIpEp ip-[10.1.0.7]', `102 epmMacEp mac-${MAC}`]);
    await post('', { ...seen, path: BUNDLE });
    assert.equal(onLeaves().filter((line) => line.endsWith(MAC)).length, 2);
    const flags = mock.objects('epmIpEp').map(({ attributes }) => attributes['flags']);
    assert.deepEqual(flags, ['ip,local,vpc-attached', 'ip,local,vpc-attached']);
    const kept = mock.snapshot();
    await post('/forget', { mac: MAC });
    assert.deepEqual(onLeaves(), [`101 epmMacEp mac-${other}`]);
    mock.restore(kept);
    assert.equal(onLeaves().length, 5);
    await post('/forget', { mac: MAC });
    await post('/forget', { mac: other });
    assert.deepEqual([onLeaves(), mock.objects('l3Ctx')], [[], []]);
  });

  it('leave the leaves with their group', async () => {
    await post('', { ...seen, ip: '10.1.0.7' });
    const client = await loggedIn(mock);
    await client.http.delete('/api/mo/uni/tn-t.json');
    assert.deepEqual([onLeaves(), mock.objects('vlanCktEp')], [[], []]);
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
