import assert from 'node:assert/strict';
import type { AxiosResponse } from 'axios';
import { managedObject } from '#model/aci';
import { dnsOf, errorOf, objectsOf, type Reply } from './apic-client.js';
import { useApic } from './apic-suite.js';

const DAY = 86_400_000;

describe('apic-mock: options of queries', () => {
  let clock = Date.parse('2026-01-01T00:00:00Z');
  const apic = useApic({ now: () => clock, tokenSeconds: 400 * 86_400, sessionSeconds: 400 * 86_400 });

  before(async () => {
    apic.mock.load(managedObject('fvTenant', { name: 't' }, [managedObject('fvAp', { name: 'x' })]));
  });

  const get = (path: string): Promise<AxiosResponse<Reply>> => apic.http.get<Reply>(path);
  const describeTenant = (descr: string): Promise<unknown> =>
    apic.http.post('/api/mo/uni/tn-t.json', { fvTenant: { attributes: { descr } } });

  describe('rsp-prop-include', () => {
    const shown = async (words: string): Promise<readonly string[]> =>
      Object.keys(objectsOf(await get(`/api/mo/uni/tn-t/ap-x.json?rsp-prop-include=${words}`))[0] ?? {});

    it('shows what is set, what can be set, and what the APIC sets', async () => {
      assert.deepEqual(await shown('config-explicit'), ['_class', 'dn', 'name']);
      assert.ok((await shown('config-only')).includes('descr'));
      assert.deepEqual(await shown('config-all'), await shown('config-only'));
      const operational = await shown('oper');
      assert.ok(operational.includes('modTs') && operational.includes('uid') && !operational.includes('descr'));
      assert.ok((await shown('all')).includes('childAction'));
    });
  });

  describe('time-range', () => {
    const logs = async (range: string): Promise<number> =>
      Number(
        (await get(`/api/class/aaaModLR.json?query-target-filter=eq(aaaModLR.affected,"uni/tn-t")&time-range=${range}`))
          .data.totalCount,
      );

    it('takes the records of a time, and all that is no record', async () => {
      const begin = clock;
      await describeTenant('one');
      clock += 3 * DAY;
      await describeTenant('two');
      clock += 40 * DAY;
      await describeTenant('three');
      const base = await logs('3month');
      assert.ok(base >= 3);
      assert.equal(await logs('24h'), 1);
      assert.equal(await logs('1week'), 1);
      assert.equal(await logs('1month'), 1);
      const iso = (days: number): string => new Date(begin + days * DAY).toISOString();
      assert.equal(await logs(`${iso(2)}|${iso(4)}`), 1);
      const nested = await get('/api/mo/uni/tn-t.json?rsp-subtree-include=audit-logs&time-range=24h');
      assert.equal(nested.data.imdata[0]?.fvTenant?.children?.length, 1);
      assert.equal(
        (await get('/api/class/fvAp.json?time-range=24h&query-target-filter=eq(fvAp.name,"x")')).data.totalCount,
        '1',
      );
      assert.equal(
        errorOf(await get('/api/class/aaaModLR.json?time-range=soon')).text,
        "Request failed, invalid value 'soon' for option time-range",
      );
    });
  });

  it('orders by several keys, each in its direction', async () => {
    apic.mock.load(
      managedObject('fvTenant', { name: 'o' }, [
        managedObject('fvAp', { name: 'a', descr: 'two' }),
        managedObject('fvAp', { name: 'b', descr: 'one' }),
        managedObject('fvAp', { name: 'c', descr: 'two' }),
      ]),
    );
    const answer = await get('/api/class/uni/tn-o/fvAp.json?order-by=fvAp.descr|asc,fvAp.name|desc');
    assert.deepEqual(
      objectsOf(answer).map((object) => object.name),
      ['b', 'c', 'a'],
    );
  });

  for (const option of [
    'target-node=101',
    'target-path=AccBaseGrpToEthIf',
    'include-relns=yes',
    'replica=1',
    'cache-session=yes',
    'delete-session=yes',
    '_dc=1700000000',
  ]) {
    it(`takes ${option} and answers as without it`, async () => {
      const path = '/api/mo/uni/tn-t/ap-x.json';
      assert.deepEqual((await get(`${path}?${option}`)).data, (await get(path)).data);
    });
  }

  describe('config-only', () => {
    const shown = async (dn: string, words = 'config-only'): Promise<readonly string[]> =>
      dnsOf(await get(`/api/mo/${dn}.json?rsp-prop-include=${words}`));

    it('answers nothing for firmware and maintenance policies and the export key', async () => {
      const policies = ['FwGrp', 'FwP'].map((name) => managedObject(`firmware${name}`, { name: 'x' }));
      const maintenance = ['Grp', 'P'].map((name) => managedObject(`maintMaint${name}`, { name: 'x' }));
      apic.mock.load(
        managedObject('polUni', {}, [
          managedObject('fabricInst', {}, [...policies, ...maintenance]),
          managedObject('pkiExportEncryptionKey', {}),
        ]),
      );
      const dns = ['fwgrp-x', 'fwpol-x', 'maintgrp-x', 'maintpol-x'].map((rn) => `uni/fabric/${rn}`);
      for (const dn of [...dns, 'uni/exportcryptkey']) {
        assert.deepEqual(await shown(dn), [], dn);
        assert.deepEqual(await shown(dn, 'all'), [dn]);
      }
      assert.deepEqual(await shown('uni/fabric'), ['uni/fabric']);
    });
  });

  describe('filters', () => {
    const tenants = async (filter: string): Promise<readonly string[]> =>
      dnsOf(await get(`/api/class/fvTenant.json?order-by=fvTenant.name&query-target-filter=${filter}`));
    const all = (): readonly string[] =>
      apic.mock
        .objects('fvTenant')
        .map((object) => object.dn)
        .sort();

    for (const word of ['true()', 'pholder()', 'passive()', 'not(false())', 'and(true())', 'or(false(),true())']) {
      it(`${word} lets everything pass`, async () => assert.deepEqual(await tenants(word), all()));
    }
    for (const word of ['false()', 'not(true())', 'not(pholder())', 'and(true(),false())', 'xor(true(),true())']) {
      it(`${word} lets nothing pass`, async () => assert.deepEqual(await tenants(word), []));
    }

    it('bw takes both bounds in', async () => {
      assert.deepEqual(await tenants('bw(fvTenant.name,"infra","mgmt")'), ['uni/tn-infra', 'uni/tn-mgmt']);
      assert.deepEqual(await tenants('bw(fvTenant.name,"mgmt","infra")'), []);
    });

    it('xor takes one of two, and an odd number of more', async () => {
      const named = (name: string): string => `eq(fvTenant.name,"${name}")`;
      const both = `xor(wcard(fvTenant.name,"m"),${named('mgmt')})`;
      assert.deepEqual(await tenants(both), ['uni/tn-common']);
      assert.deepEqual(await tenants(`xor(${named('t')},${named('t')},${named('t')})`), ['uni/tn-t']);
    });
  });

  it('says what became of a request that took long', async () => {
    assert.deepEqual((await get('/api/checkRequestState.json?id=7')).data, { totalCount: '0', imdata: [] });
  });

  it('finds and changes tags', async () => {
    const url = '/api/tag/mo/uni/tn-t/ap-x.json';
    assert.equal((await apic.http.post(`${url}?add=red,blue`)).status, 200);
    assert.deepEqual(dnsOf(await get('/api/tag/red.json')), ['uni/tn-t/ap-x']);
    assert.deepEqual([...dnsOf(await get(url))].sort(), ['uni/tn-t/ap-x/tag-blue', 'uni/tn-t/ap-x/tag-red']);
    assert.equal((await apic.http.post(`${url}?remove=red`)).status, 200);
    assert.equal((await get('/api/tag/red.json')).data.totalCount, '0');
    assert.equal(errorOf(await apic.http.post(url)).status, 400);
  });
});
