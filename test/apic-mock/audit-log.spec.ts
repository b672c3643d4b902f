import assert from 'node:assert/strict';
import { ADMIN, objectsOf, openSocket, type Reply } from './apic-client.js';
import { useApic } from './apic-suite.js';

describe('apic-mock: audit log', () => {
  const apic = useApic({ reset: true });

  const post = (dn: string, body: unknown): Promise<{ data: Reply }> =>
    apic.http.post<Reply>(`/api/mo/${dn}.json`, body);
  const log = async (filter = ''): Promise<readonly Readonly<Record<string, string>>[]> =>
    objectsOf(await apic.http.get(`/api/class/aaaModLR.json?order-by=aaaModLR.id${filter}`));

  it('says who changed what, in one record an object', async () => {
    await post('uni', { fvTenant: { attributes: { name: 't', descr: 'old' } } });
    await post('uni/tn-t', { fvTenant: { attributes: { descr: 'new' } } });
    await apic.http.delete('/api/mo/uni/tn-t.json');
    const records = await log('&query-target-filter=eq(aaaModLR.affected,"uni/tn-t")');
    assert.deepEqual(
      records.map(({ ind, descr, changeSet }) => [ind, descr, changeSet]),
      [
        ['creation', 'Tenant t created', 'descr:old, name:t'],
        ['modification', 'Tenant t modified', 'descr (Old: old, New: new)'],
        ['deletion', 'Tenant t deleted', ''],
      ],
    );
    const login = objectsOf(await apic.http.get('/api/class/aaaSessionLR.json'))[0];
    assert.deepEqual([login?.user, login?.affected], [ADMIN.name, `uni/userext/user-${ADMIN.name}`]);
    for (const { user, sessionId, created, dn, trig, cause } of records) {
      assert.deepEqual([user, trig, cause], [ADMIN.name, 'config', 'transition']);
      assert.ok(sessionId !== '' && !Number.isNaN(Date.parse(created ?? '')));
      assert.match(dn ?? '', /^subj-\[uni\/tn-t\]\/mod-\d+$/);
    }
    assert.equal(new Set(records.map(({ txId }) => txId)).size, 3);
    const one = await apic.http.get<Reply>(`/api/mo/${records[0]?.dn}.json`);
    assert.equal(one.data.totalCount, '1');
  });

  it('is shown with the object, or alone, and with all below it', async () => {
    await post('uni', { fvTenant: { attributes: { name: 't' }, children: [{ fvAp: { attributes: { name: 'a' } } }] } });
    const url = '/api/mo/uni/tn-t.json?rsp-subtree-include=audit-logs';
    const nested = (await apic.http.get<Reply>(url)).data.imdata[0]?.fvTenant?.children ?? [];
    assert.deepEqual(
      nested.map((child) => Object.keys(child)[0]),
      ['aaaModLR'],
    );
    const all = objectsOf(await apic.http.get(`${url},no-scoped,subtree`));
    assert.ok(all.some(({ affected }) => affected === 'uni/tn-t/ap-a'));
  });

  it('records nothing for what fails, for what changes nothing, and for the fabric itself', async () => {
    await post('uni', { fvTenant: { attributes: { name: 't' } } });
    const before = (await log()).length;
    await post('uni', { fvTenant: { attributes: { name: 't' } } });
    await post('uni', { fvTenant: { attributes: { name: 't', status: 'created' } } });
    apic.mock.load({ fvTenant: { attributes: { name: 'other' } } });
    assert.equal((await log()).length, before);
  });

  it('hides passwords, is no part of the tree, and is pushed', async () => {
    const socket = await openSocket(apic.mock, apic.token);
    await apic.http.get('/api/class/aaaModLR.json?subscription=yes');
    const size = apic.mock.size();
    await post('uni/userext', { aaaUser: { attributes: { name: 'u', pwd: 'Very-secret-1' } } });
    await socket.until(() => socket.objects().some(({ affected }) => affected === 'uni/userext/user-u'));
    socket.socket.terminate();
    assert.ok(!JSON.stringify(await log()).includes('Very-secret'));
    await apic.http.delete('/api/mo/uni/userext/user-u.json');
    assert.equal(apic.mock.size(), size);
  });

  it('forgets the oldest of ten thousand', async () => {
    const children = Array.from({ length: 6000 }, (_, index) => ({ vzFilter: { attributes: { name: `f${index}` } } }));
    for (const descr of ['a', 'b']) {
      const described = children.map(({ vzFilter }) => ({
        vzFilter: { attributes: { ...vzFilter.attributes, descr } },
      }));
      await post('uni', { fvTenant: { attributes: { name: 't' }, children: described } });
    }
    assert.equal(apic.mock.objects('aaaModLR').length, 10_000);
    const [last] = objectsOf(
      await apic.http.get('/api/mo/uni/tn-t/flt-f0.json?rsp-subtree-include=audit-logs,no-scoped'),
    );
    assert.equal(last?.ind, 'modification');
  });
});
