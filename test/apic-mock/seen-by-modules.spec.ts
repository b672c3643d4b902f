import assert from 'node:assert/strict';
import { type ManagedObject, managedObject as object, toWire } from '#model/aci';
import type { Reply } from './apic-client.js';
import { useApic } from './apic-suite.js';

describe('apic-mock: what the tests of cisco.aci saw on APICs', () => {
  const apic = useApic({ each: true });

  const post = async (body: ManagedObject): Promise<void> => {
    const answer = await apic.http.post('/api/mo/uni.json', toWire(body));
    assert.equal(answer.status, 200, JSON.stringify(answer.data));
  };
  const attributes = (dn: string): Readonly<Record<string, string>> => apic.mock.object(dn)?.attributes ?? {};
  const nestedClasses = async (dn: string): Promise<readonly string[]> => {
    const { data } = await apic.http.get<Reply>(`/api/mo/${dn}.json?rsp-subtree=children`);
    const [found] = data.imdata.flatMap((entry) => Object.values(entry));
    return (found?.children ?? []).flatMap((child) => Object.keys(child));
  };

  it('takes an option that says None for one that is not there', async () => {
    const given = '/api/class/fvTenant.json?order-by=fvTenant.dn&page-size=1';
    const plain = await apic.http.get<Reply>(given);
    const none = await apic.http.get<Reply>(`${given}&page=None&rsp-subtree=None&query-target-filter=None`);
    assert.equal(plain.data.imdata.length, 1);
    assert.deepEqual(none.data, plain.data);
  });

  it('lets a filter ask for the name that a named class hides, and finds nothing by it', async () => {
    const filtered = (filter: string): Promise<{ readonly status: number; readonly data: Reply }> =>
      apic.http.get<Reply>(`/api/class/vmmVSwitchPolicyCont.json?query-target-filter=${filter}`);
    const hidden = await filtered('eq(vmmVSwitchPolicyCont.name,"vswitchpolcont")');
    assert.deepEqual([hidden.status, hidden.data.totalCount], [200, '0']);
    assert.equal((await filtered('eq(vmmVSwitchPolicyCont.nam,"x")')).status, 400);
  });

  it('shows addresses that nobody has set as all zeroes', async () => {
    await post(
      object('infraInfra', {}, [object('netflowExporterPol', { name: 'e', dstAddr: '10.0.0.1', dstPort: '80' })]),
    );
    await post(object('fvTenant', { name: 't' }, [object('fvBD', { name: 'b' })]));
    assert.equal(attributes('uni/infra/exporterpol-e').srcAddr, '0.0.0.0');
    assert.equal(attributes('uni/tn-t/BD-b').llAddr, '::');
  });

  it('has defaults that the metadata does not tell', async () => {
    await post(object('fabricInst', {}, [object('maintMaintGrp', { name: 'g' }), object('commPol', { name: 'c' })]));
    assert.equal(attributes('uni/fabric/maintgrp-g').type, 'range');
    assert.equal(attributes('uni/fabric/comm-c/https/rsKeyRing').tnPkiKeyRingName, 'default');
  });

  it('shows a preference of none as 0, however it is written', async () => {
    const hop = (given: Readonly<Record<string, string>>): ManagedObject =>
      object('fvTenant', { name: 't' }, [
        object('l3extOut', { name: 'o' }, [
          object('l3extLNodeP', { name: 'n' }, [
            object('l3extRsNodeL3OutAtt', { tDn: 'topology/pod-1/node-101', rtrId: '1.1.1.1' }, [
              object('ipRouteP', { ip: '10.0.0.0/8' }, [object('ipNexthopP', { nhAddr: '10.1.0.1', ...given })]),
            ]),
          ]),
        ]),
      ]);
    const shown = (): string | undefined => apic.mock.objects('ipNexthopP')[0]?.attributes.pref;
    for (const [given, expected] of [
      [{}, '0'],
      [{ pref: '7' }, '7'],
      [{ pref: 'unspecified' }, '0'],
      [{ pref: '0' }, '0'],
    ] as const) {
      await post(hop(given));
      assert.equal(shown(), expected, JSON.stringify(given));
    }
  });

  it('has a key once a passphrase is given, until it is cleared', async () => {
    const key = async (given: Readonly<Record<string, string>>): Promise<readonly (string | undefined)[]> => {
      await post(object('pkiExportEncryptionKey', given));
      const { keyConfigured, strongEncryptionEnabled } = attributes('uni/exportcryptkey');
      return [keyConfigured, strongEncryptionEnabled];
    };
    assert.deepEqual(await key({ passphrase: 'a-passphrase-of-many-letters' }), ['yes', 'no']);
    assert.deepEqual(await key({ strongEncryptionEnabled: 'yes' }), ['yes', 'yes']);
    assert.deepEqual(await key({ clearEncryptionKey: 'yes' }), ['no', 'no']);
  });

  it('stores a date with a zone, 24:00 as the start of the next day', async () => {
    const scheduler = (date: string): ManagedObject =>
      object('fabricInst', {}, [object('trigSchedP', { name: 's' }, [object('trigAbsWindowP', { name: 'w', date })])]);
    const shown = (): string | undefined => apic.mock.objects('trigAbsWindowP')[0]?.attributes.date;
    await post(scheduler('2023-11-20T24:00:00'));
    assert.equal(shown(), '2023-11-21T00:00:00.000+00:00');
    await post(scheduler('2023-11-21T08:30:00.000+02:00'));
    assert.equal(shown(), '2023-11-21T08:30:00.000+02:00');
  });

  it('takes sources of firmware in a room that is there', async () => {
    await post(object('fabricInst', {}, [object('firmwareRepoP', {}, [object('firmwareOSource', { name: 's' })])]));
    assert.equal(attributes('uni/fabric/fwrepop/osrc-s').name, 's');
  });

  it('nests classes among those that they were declared with', async () => {
    await post(object('fabricInst', {}, [object('fabricFuncP', {}, [object('fabricPodPGrp', { name: 'g' })])]));
    assert.deepEqual(await nestedClasses('uni/fabric/funcprof/podpgrp-g'), [
      'fabricRsSnmpPol',
      'fabricRsPodPGrpCoopP',
      'fabricRsCommPol',
      'fabricRsMacsecPol',
      'fabricRsTimePol',
      'fabricRsPodPGrpBGPRRP',
      'fabricRsPodPGrpIsisDomP',
    ]);
    await post(object('fabricInst', {}, [object('fabricFuncP', {}, [object('fabricLeNodePGrp', { name: 'g' })])]));
    assert.deepEqual(await nestedClasses('uni/fabric/funcprof/lenodepgrp-g'), [
      'fabricRsCallhomeInvPol',
      'fabricRsTwampResponderPol',
      'fabricRsPsuInstPol',
      'fabricRsTwampServerPol',
      'fabricRsNodeCtrl',
      'fabricRsMonInstFabricPol',
      'fabricRsNodeCoreP',
      'fabricRsNodeTechSupP',
    ]);
  });
});
