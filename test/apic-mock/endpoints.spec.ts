import assert from 'node:assert/strict';
import type { ApicMock } from '#apic-mock';
import { InvalidInputError } from '#errors';
import { type ManagedObject, managedObject as object } from '#model/aci';
import { loggedIn, openSocket, startPlain } from './apic-client.js';

const PORT = 'topology/pod-1/paths-101/pathep-[eth1/1]';
const OTHER_PORT = 'topology/pod-1/paths-102/pathep-[eth1/2]';
const MAC = '00:50:56:AA:BB:01';

const epg = (name: string, ...children: readonly ManagedObject[]): ManagedObject =>
  object('fvAEPg', { name }, [object('fvRsBd', { tnFvBDName: 'b' }), ...children]);

const tenant = object('fvTenant', { name: 't' }, [
  object('fvCtx', { name: 'v' }),
  object('fvBD', { name: 'b' }, [object('fvRsCtx', { tnFvCtxName: 'v' }), object('fvSubnet', { ip: '10.1.0.1/16' })]),
  object('fvAp', { name: 'a' }, [
    epg('one', object('fvRsPathAtt', { tDn: PORT, encap: 'vlan-101' })),
    epg('two', object('fvRsPathAtt', { tDn: OTHER_PORT, encap: 'vlan-101' })),
    epg('three'),
  ]),
]);
const profile = object('infraInfra', {}, [
  object('infraAttEntityP', { name: 'p' }, [
    object('infraGeneric', { name: 'default' }, [
      object('infraRsFuncToEpg', { tDn: 'uni/tn-t/ap-a/epg-three', encap: 'vlan-103' }),
    ]),
  ]),
]);

describe('apic-mock: endpoints', () => {
  let mock: ApicMock;

  before(async () => {
    mock = await startPlain();
  });
  beforeEach(() => {
    mock.reset();
    mock.load(tenant);
    mock.load(profile);
  });
  after(() => mock.stop());

  const seen = { mac: MAC, encap: 'vlan-101', path: PORT };
  const dns = (className: string): readonly string[] => mock.objects(className).map(({ dn }) => dn);

  it('are learned by the group that has the VLAN on the port, or on the profile', () => {
    const learned = mock.learn({ ...seen, mac: MAC.toLowerCase(), ip: '10.1.0.7' });
    const dn = `uni/tn-t/ap-a/epg-one/cep-${MAC}`;
    assert.deepEqual(learned, { dn, group: 'uni/tn-t/ap-a/epg-one', hasAddress: true });
    const { encap, lcC, ip, bdDn, vrfDn } = mock.object(dn)?.attributes ?? {};
    assert.deepEqual(
      [encap, lcC, ip, bdDn, vrfDn],
      ['vlan-101', 'learned', '0.0.0.0', 'uni/tn-t/BD-b', 'uni/tn-t/ctx-v'],
    );
    assert.deepEqual(dns('fvIp'), [`${dn}/ip-[10.1.0.7]`]);
    assert.deepEqual(dns('fvReportingNode'), [`${dn}/rscEpToPathEp-[${PORT}]/node-101`]);
    assert.equal(mock.object(`${dn}/rscEpToPathEp-[${PORT}]`)?.attributes['tDn'], PORT);
    assert.equal(
      mock.learn({ mac: '00:50:56:AA:BB:03', encap: 'vlan-103', path: PORT }).group,
      'uni/tn-t/ap-a/epg-three',
    );
    assert.throws(() => mock.learn({ ...seen, encap: 'vlan-999' }), InvalidInputError);
  });

  it('move to another port and group, and take an address from who had it', () => {
    mock.learn({ ...seen, ip: '10.1.0.7' });
    mock.learn({ ...seen, path: OTHER_PORT });
    assert.deepEqual(dns('fvCEp'), [`uni/tn-t/ap-a/epg-two/cep-${MAC}`]);
    assert.deepEqual(dns('fvIp'), []);
    mock.learn({ ...seen, path: OTHER_PORT, ip: '10.1.0.7' });
    mock.learn({ ...seen, mac: '00:50:56:AA:BB:02', ip: '10.1.0.7' });
    assert.deepEqual(dns('fvIp'), ['uni/tn-t/ap-a/epg-one/cep-00:50:56:AA:BB:02/ip-[10.1.0.7]']);
    assert.equal(mock.objects('fvRsCEpToPathEp').length, 2);
  });

  it('have only the addresses that their bridge domain learns', () => {
    assert.equal(mock.learn({ ...seen, ip: '192.0.2.1' }).hasAddress, false);
    mock.load(object('fvBD', { dn: 'uni/tn-t/BD-b', limitIpLearnToSubnets: 'no' }));
    assert.equal(mock.learn({ ...seen, ip: '192.0.2.1' }).hasAddress, true);
    mock.load(object('fvBD', { dn: 'uni/tn-t/BD-b', unicastRoute: 'no' }));
    assert.equal(mock.learn({ ...seen, ip: '192.0.2.2' }).hasAddress, false);
  });

  it('age when they are silent, and are forgotten when they are told to', () => {
    mock.learn({ ...seen, ip: '10.1.0.7' });
    mock.advance(600_000);
    mock.learn(seen);
    mock.advance(600_000);
    assert.equal(dns('fvCEp').length, 1, 'it was seen meanwhile');
    assert.equal(mock.forget(MAC, '10.1.0.7'), true);
    assert.deepEqual([dns('fvIp').length, dns('fvCEp').length], [0, 1]);
    mock.advance(301_000);
    assert.deepEqual(dns('fvCEp'), []);
    assert.equal(mock.forget(MAC), false);
  });

  it('are pushed when they come, move and go', async () => {
    const client = await loggedIn(mock);
    const socket = await openSocket(mock, client.token);
    await client.http.get('/api/class/fvCEp.json?subscription=yes');
    mock.learn(seen);
    mock.load(object('fvRsPathAtt', { dn: `uni/tn-t/ap-a/epg-one/rspathAtt-[${OTHER_PORT}]`, encap: 'vlan-105' }));
    mock.learn({ ...seen, encap: 'vlan-105', path: OTHER_PORT });
    mock.forget(MAC);
    await socket.until(() => socket.frames.length === 3);
    const dn = `uni/tn-t/ap-a/epg-one/cep-${MAC}`;
    assert.deepEqual(socket.summary(), [`created ${dn}`, `modified ${dn}`, `deleted ${dn}`]);
    assert.equal(socket.objects()[1]?.fabricPathDn, OTHER_PORT);
    socket.socket.terminate();
  });
});
