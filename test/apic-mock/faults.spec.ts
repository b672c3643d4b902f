import assert from 'node:assert/strict';
import { type ManagedObject, managedObject as object } from '#model/aci';
import { objectsOf, openSocket } from './apic-client.js';
import { useApic } from './apic-suite.js';

const PORT = 'topology/pod-1/paths-101/pathep-[eth1/1]';

const access = object('infraInfra', {}, [
  object('fvnsVlanInstP', { name: 'p', allocMode: 'static' }, [
    object('fvnsEncapBlk', { from: 'vlan-100', to: 'vlan-199' }),
  ]),
  object('infraAttEntityP', { name: 'aep' }, [object('infraRsDomP', { tDn: 'uni/phys-d' })]),
]);
const domain = object('physDomP', { name: 'd' }, [object('infraRsVlanNs', { tDn: 'uni/infra/vlanns-[p]-static' })]);

const group = (name: string, ...children: readonly ManagedObject[]): ManagedObject =>
  object('fvTenant', { name: 't' }, [object('fvAp', { name: 'a' }, [object('fvAEPg', { name }, children)])]);
const inDomain = object('fvRsDomAtt', { tDn: 'uni/phys-d' });
const onPort = (encap: string): ManagedObject => object('fvRsPathAtt', { tDn: PORT, encap });
const ofProfile = (name: string, encap: string): ManagedObject =>
  object('infraAttEntityP', { dn: 'uni/infra/attentp-aep' }, [
    object('infraGeneric', { name: 'default' }, [
      object('infraRsFuncToEpg', { tDn: `uni/tn-t/ap-a/epg-${name}`, encap }),
    ]),
  ]);

const gone = (className: string, dn: string): ManagedObject => object(className, { dn, status: 'deleted' });

describe('apic-mock: faults', () => {
  const apic = useApic({ reset: true });

  const fault = (dn: string): Readonly<Record<string, string>> | undefined => apic.mock.object(dn)?.attributes;
  const isBroken = (name: string): boolean => fault(`uni/tn-t/ap-a/epg-${name}/fault-F0467`)?.lc === 'soaking';

  it('of a relation without its target: raised with it, said as an APIC says it', () => {
    apic.mock.load(group('e', object('fvRsProv', { tnVzBrCPName: 'web' }), inDomain));
    const byName = fault('uni/tn-t/ap-a/epg-e/rsprov-web/fault-F0974');
    assert.deepEqual(
      [byName?.severity, byName?.cause, byName?.subject, byName?.type, byName?.domain, byName?.lc, byName?.rule],
      ['warning', 'resolution-failed', 'relation-resolution', 'config', 'tenant', 'soaking', 'fv-rs-prov-resolve-fail'],
    );
    assert.equal(byName?.descr, 'Failed to form relation to MO brc-web of class vzBrCP in context');
    assert.equal(byName?.changeSet, 'state (Old: unformed, New: missing-target)');
    const byDn = fault('uni/tn-t/ap-a/epg-e/rsdomAtt-[uni/phys-d]/fault-F0956');
    assert.equal(byDn?.descr, 'Failed to form relation to MO uni/phys-d of class infraDomP');
  });

  it('soak, are raised, clear, are retained and go, each in its time', () => {
    apic.mock.load(group('e', object('fvRsProv', { tnVzBrCPName: 'web' })));
    const dn = 'uni/tn-t/ap-a/epg-e/rsprov-web/fault-F0974';
    const contract = 'uni/tn-t/brc-web';
    assert.equal(fault(dn)?.lc, 'soaking');
    apic.mock.advance(119_000);
    assert.equal(fault(dn)?.lc, 'soaking');
    apic.mock.advance(2_000);
    assert.equal(fault(dn)?.lc, 'raised');
    apic.mock.load(object('vzBrCP', { dn: contract }));
    assert.deepEqual([fault(dn)?.lc, fault(dn)?.severity], ['raised-clearing', 'warning']);
    apic.mock.load(gone('vzBrCP', contract));
    assert.deepEqual([fault(dn)?.lc, fault(dn)?.occur], ['raised', '2']);
    apic.mock.load(object('vzBrCP', { dn: contract }));
    apic.mock.advance(121_000);
    assert.deepEqual(
      [fault(dn)?.lc, fault(dn)?.severity, fault(dn)?.prevSeverity],
      ['retaining', 'cleared', 'warning'],
    );
    apic.mock.advance(3_601_000);
    assert.equal(fault(dn), undefined);
  });

  it('F0467 of a binding: no domain, no such VLAN in its pool, and none when all is there', () => {
    apic.mock.load(group('e', onPort('vlan-150')));
    assert.match(
      fault('uni/tn-t/ap-a/epg-e/fault-F0467')?.descr ?? '',
      /node 101 eth1\/1 due to Invalid Path Configuration, debug message: invalid-path: vlan-150 /,
    );
    const delegate = apic.mock.objects('faultDelegate').find(({ attributes }) => attributes['code'] === 'F0467');
    assert.equal(delegate?.attributes['affected'], `uni/tn-t/ap-a/epg-e/rspathAtt-[${PORT}]`);
    apic.mock.load(object('polUni', {}, [access, domain]));
    apic.mock.load(group('e', inDomain));
    assert.equal(isBroken('e'), false);
    apic.mock.load(group('e', onPort('vlan-250')));
    assert.match(
      fault('uni/tn-t/ap-a/epg-e/fault-F0467')?.descr ?? '',
      /due to Invalid VLAN Configuration, debug message: invalid-vlan: vlan-250 :Either the EpG/,
    );
    apic.mock.load(object('fvnsEncapBlk', { dn: 'uni/infra/vlanns-[p]-static/from-[vlan-200]-to-[vlan-299]' }));
    assert.equal(isBroken('e'), false);
    apic.mock.load(gone('infraRsDomP', 'uni/infra/attentp-aep/rsdomP-[uni/phys-d]'));
    assert.equal(isBroken('e'), false, 'it clears for a while before it soaks again');
    assert.equal(fault('uni/tn-t/ap-a/epg-e/fault-F0467')?.lc, 'raised');
  });

  it('F0467 of a VLAN that another group has at the same profile or port, until that one lets it go', () => {
    apic.mock.load(object('polUni', {}, [access, domain]));
    apic.mock.load(group('one', inDomain));
    apic.mock.load(group('two', inDomain));
    apic.mock.load(ofProfile('one', 'vlan-101'));
    apic.mock.load(ofProfile('two', 'vlan-101'));
    assert.deepEqual([isBroken('one'), isBroken('two')], [false, true]);
    assert.match(
      fault('uni/tn-t/ap-a/epg-two/fault-F0467')?.descr ?? '',
      /due to Encap Already Used in Another EPG, debug message: encap-already-in-use: Encap \(vlan-101\) is already in use by t:a:one;$/,
    );
    apic.mock.load(gone('fvAEPg', 'uni/tn-t/ap-a/epg-one'));
    apic.mock.load(gone('infraRsFuncToEpg', 'uni/infra/attentp-aep/gen-default/rsfuncToEpg-[uni/tn-t/ap-a/epg-one]'));
    assert.equal(isBroken('two'), false);
    apic.mock.load(group('two', onPort('vlan-102')));
    apic.mock.load(group('three', inDomain, onPort('vlan-102')));
    assert.equal(isBroken('three'), true);
    apic.mock.load(group('three', onPort('vlan-103')));
    assert.equal(isBroken('three'), false);
  });

  it('F0467 of a prefix that another external group of the VRF has', () => {
    const out = (name: string, vrf: string, ip: string): ManagedObject =>
      object('fvTenant', { name: 't' }, [
        object('fvCtx', { name: vrf }),
        object('l3extOut', { name }, [
          object('l3extRsEctx', { tnFvCtxName: vrf }),
          object('l3extInstP', { name: 'i' }, [object('l3extSubnet', { ip })]),
        ]),
      ]);
    const problem = (name: string): string | undefined => fault(`uni/tn-t/out-${name}/instP-i/fault-F0467`)?.lc;
    apic.mock.load(out('one', 'v', '192.0.2.0/24'));
    apic.mock.load(out('other', 'w', '192.0.2.0/24'));
    assert.equal(problem('other'), undefined, 'another VRF');
    apic.mock.load(out('two', 'v', '192.0.2.0/24'));
    assert.equal(problem('one'), undefined);
    assert.match(fault('uni/tn-t/out-two/instP-i/fault-F0467')?.descr ?? '', /prefix-entry-already-in-use/);
    apic.mock.load(gone('l3extOut', 'uni/tn-t/out-one'));
    assert.equal(problem('two'), 'soaking-clearing');
    apic.mock.load(out('other', 'v', '192.0.2.0/24'));
    assert.equal(problem('other'), 'soaking', 'it came into the VRF');
  });

  it('are counted, cost health, and are told to subscriptions', async () => {
    const { http, token } = apic;
    const health = async (dn: string): Promise<string | undefined> =>
      objectsOf(await http.get(`/api/mo/${dn}/health.json`))[0]?.cur;
    apic.mock.load(group('e'));
    assert.equal(await health('uni/tn-t/ap-a/epg-e'), '100');
    const socket = await openSocket(apic.mock, token);
    await http.get('/api/class/faultInst.json?subscription=yes');
    await http.get('/api/mo/uni/tn-t.json?query-target=subtree&target-subtree-class=healthInst&subscription=yes');
    apic.mock.load(group('e', object('fvRsProv', { tnVzBrCPName: 'web' }), onPort('vlan-150')));
    assert.deepEqual([await health('uni/tn-t/ap-a/epg-e'), await health('uni/tn-t')], ['94', '94']);
    const counts = fault('uni/tn-t/fltCnts');
    assert.deepEqual([counts?.minor, counts?.warn, counts?.crit], ['1', '1', '0']);
    await socket.until(() => socket.summary().includes('created uni/tn-t/ap-a/epg-e/fault-F0467'));
    await socket.until(() => socket.summary().includes('created uni/tn-t/ap-a/epg-e/health'));
    socket.socket.terminate();
    apic.mock.load(gone('fvAEPg', 'uni/tn-t/ap-a/epg-e'));
    assert.equal(await health('uni/tn-t'), '100');
    const shown = await http.get('/api/mo/uni/tn-t/ap-a.json?rsp-subtree-include=health');
    assert.ok(JSON.stringify(shown.data).includes('healthInst'));
  });

  it('cannot be written, but acknowledged', async () => {
    apic.mock.load(group('e', object('fvRsProv', { tnVzBrCPName: 'web' })));
    const url = '/api/mo/uni/tn-t/ap-a/epg-e/rsprov-web/fault-F0974.json';
    assert.equal((await apic.http.post(url, { faultInst: { attributes: { severity: 'major' } } })).status, 400);
    assert.equal((await apic.http.post(url, { faultInst: { attributes: { ack: 'yes' } } })).status, 200);
    assert.equal(fault('uni/tn-t/ap-a/epg-e/rsprov-web/fault-F0974')?.ack, 'yes');
  });
});
