import assert from 'node:assert/strict';
import { type ManagedObject, managedObject } from '#model/aci';
import { ADMIN, httpClient, loginBody, objectsOf, openSocket, type Reply } from './apic-client.js';
import { useApic } from './apic-suite.js';

type Found = Readonly<Record<string, string>>;

/** All ports of a leaf toward hosts, in one tree. */
const portsOf = (operSt: string): ManagedObject =>
  managedObject(
    'topSystem',
    { dn: 'topology/pod-1/node-101/sys' },
    Array.from({ length: 48 }, (_, index) =>
      managedObject('l1PhysIf', { id: `eth1/${index + 1}` }, [managedObject('ethpmPhysIf', { operSt })]),
    ),
  );

const PORT = 'topology/pod-1/node-101/sys/phys-[eth1/7]/phys';

describe('apic-mock: records of events, faults and sessions', () => {
  const apic = useApic({ reset: true });

  const query = async (url: string): Promise<readonly Found[]> => objectsOf(await apic.http.get(`/api/${url}`));
  const post = (dn: string, body: unknown): Promise<unknown> => apic.http.post(`/api/mo/${dn}.json`, body);
  const portIs = (operSt: string): void => apic.mock.load(managedObject('ethpmPhysIf', { dn: PORT, operSt }));

  const portsAre = (operSt: string): void => apic.mock.load(portsOf(operSt));

  it('an empty fabric has no events and no faults to tell of', async () => {
    assert.deepEqual(await query('class/eventRecord.json'), []);
    assert.deepEqual(await query('class/faultRecord.json'), []);
  });

  it('a port that goes down and comes up is told as an APIC tells it', async () => {
    portIs('down');
    portIs('up');
    const [down, up] = await query('class/eventRecord.json?order-by=eventRecord.id');
    assert.deepEqual([down?.cause, down?.changeSet], ['port-down', 'operSt (Old: up, New: down)']);
    assert.deepEqual(
      [up?.code, up?.cause, up?.descr, up?.ind, up?.trig, up?.user, up?.modTs],
      ['E4205125', 'port-up', 'Port is up', 'state-transition', 'oper', 'internal', 'never'],
    );
    assert.match(up?.dn ?? '', /^subj-\[topology\/pod-1\/node-101\/sys\/phys-\[eth1\/7\]\/phys\]\/rec-\d+$/);
    const nested = await apic.http.get<Reply>(`/api/mo/${PORT}.json?rsp-subtree-include=event-logs`);
    assert.equal(nested.data.imdata[0]?.ethpmPhysIf?.children?.length, 2);
    assert.equal((await query(`mo/${up?.dn}.json`)).length, 1);
  });

  it('the health of an object is recorded when it changes', async () => {
    await post('uni', { fvTenant: { attributes: { name: 't' }, children: [{ fvAp: { attributes: { name: 'a' } } }] } });
    const group = { attributes: { name: 'e' }, children: [{ fvRsProv: { attributes: { tnVzBrCPName: 'later' } } }] };
    await post('uni/tn-t/ap-a', { fvAEPg: group });
    await post('uni/tn-t', { vzBrCP: { attributes: { name: 'later' } } });
    apic.mock.advance(121_000);
    await apic.login();
    const url = 'mo/uni/tn-t/ap-a/epg-e.json?rsp-subtree-include=health-records,no-scoped';
    const records = await query(`${url}&order-by=healthRecord.id|asc`);
    assert.deepEqual(
      records.map(({ prev, cur, chng, maxSev, ind }) => [prev, cur, chng, maxSev, ind]),
      [
        ['100', '99', '-1', 'warning', 'state-transition'],
        ['99', '100', '1', 'cleared', 'state-transition'],
      ],
    );
    assert.match(records[0]?.dn ?? '', /^subj-\[uni\/tn-t\/ap-a\/epg-e\]\/hr-\d+$/);
    const affected = (await query('class/healthRecord.json?time-range=24h')).map((record) => record.affected);
    assert.deepEqual(new Set(affected), new Set(['uni/tn-t/ap-a/epg-e', 'uni/tn-t/ap-a', 'uni/tn-t']));
  });

  it('a fault is recorded at each step of its life, with the object and with what is above it', async () => {
    await post('uni', { fvTenant: { attributes: { name: 't' }, children: [{ fvAp: { attributes: { name: 'a' } } }] } });
    const group = { attributes: { name: 'e' }, children: [{ fvRsProv: { attributes: { tnVzBrCPName: 'later' } } }] };
    await post('uni/tn-t/ap-a', { fvAEPg: group });
    apic.mock.advance(121_000);
    await post('uni/tn-t', { vzBrCP: { attributes: { name: 'later' } } });
    apic.mock.advance(121_000);
    apic.mock.advance(3_601_000);
    await apic.login();
    const url = 'mo/uni/tn-t.json?rsp-subtree-include=fault-records,no-scoped,subtree';
    const records = await query(`${url}&order-by=faultRecord.id|asc`);
    const relation = 'uni/tn-t/ap-a/epg-e/rsprov-later';
    assert.deepEqual(
      records.map(({ affected, ind, lc, severity }) => [affected, ind, lc, severity]),
      [
        [relation, 'creation', 'soaking', 'warning'],
        [relation, 'modification', 'raised', 'warning'],
        [relation, 'modification', 'raised-clearing', 'warning'],
        [relation, 'modification', 'retaining', 'cleared'],
        [relation, 'deletion', 'retaining', 'cleared'],
      ],
    );
    assert.ok(records.every(({ code, cause }) => /^F\d+$/.test(code ?? '') && cause === 'resolution-failed'));
    const last = await query(`${url}&order-by=faultRecord.created|desc&page=0&page-size=1`);
    assert.equal(last[0]?.ind, 'deletion');
    assert.deepEqual(await query('mo/uni/tn-t.json?rsp-subtree-include=fault-records,no-scoped'), []);
  });

  it('the records of many objects are found in one query, and those of what is gone', async () => {
    for (const name of ['one', 'two']) {
      const children = [{ vzFilter: { attributes: { name: 'f' } } }];
      await post('uni', { fvTenant: { attributes: { name }, children } });
    }
    await apic.http.delete('/api/mo/uni/tn-one/flt-f.json');
    const url = 'class/fvTenant.json?rsp-subtree-include=audit-logs,no-scoped,subtree&order-by=aaaModLR.id|desc';
    const records = await query(url);
    assert.deepEqual([records[0]?.affected, records[0]?.ind], ['uni/tn-one/flt-f', 'deletion']);
    assert.deepEqual(
      records.filter(({ affected }) => /^uni\/tn-\w+$/.test(affected ?? '')).map(({ descr }) => descr),
      ['Tenant two created', 'Tenant one created'],
    );
    const one = await apic.http.get<Reply>(`/api/class/fvTenant.json?rsp-subtree-include=audit-logs,required`);
    assert.equal(one.data.totalCount, '2');
  });

  it('each class and kind of change has a code that stays the same', async () => {
    await post('uni', { fvTenant: { attributes: { name: 't' }, children: [{ fvAp: { attributes: { name: 'a' } } }] } });
    await post('uni/tn-t/ap-a', { fvAEPg: { attributes: { name: 'e' } } });
    await apic.http.delete('/api/mo/uni/tn-t/ap-a/epg-e.json');
    const filter = 'eq(aaaModLR.affected,"uni/tn-t/ap-a/epg-e")';
    const records = await query(`class/aaaModLR.json?query-target-filter=${filter}&order-by=aaaModLR.id`);
    assert.deepEqual(
      records.map(({ ind, code }) => [ind, code]),
      [
        ['creation', 'E4211936'],
        ['deletion', 'E4211938'],
      ],
    );
    const codes = (await query('class/aaaModLR.json')).map(({ code }) => code ?? '');
    assert.ok(codes.every((code) => /^E42\d{5}$/.test(code)));
  });

  it('login, refresh, logout and a failed login are records of sessions', async () => {
    await apic.http.get('/api/aaaRefresh.json');
    await httpClient(apic.mock).post('/api/aaaLogin.json', loginBody(ADMIN.name, 'wrong'));
    await httpClient(apic.mock).post('/api/aaaLogin.json', loginBody('x]/y[', 'wrong'));
    await apic.http.post('/api/aaaLogout.json', loginBody());
    const records = apic.mock
      .objects('aaaSessionLR')
      .map(({ attributes }) => [attributes['user'], attributes['descr']]);
    assert.deepEqual(records, [
      [ADMIN.name, '[user login] client-type-REST-Success'],
      [ADMIN.name, '[session refresh] client-type-REST-Success'],
      [ADMIN.name, '[user login] client-type-REST-Failure'],
      ['', '[user login] client-type-REST-Failure'],
      [ADMIN.name, '[user logout] client-type-REST-Success'],
    ]);
  });

  it('time-range chooses among all of them', async () => {
    portIs('down');
    apic.mock.advance(25 * 3_600_000);
    await apic.login();
    portIs('up');
    const recent = await query('class/eventRecord.json?time-range=24h');
    assert.deepEqual(
      recent.map(({ cause }) => cause),
      ['port-up'],
    );
    const shown = await query(`mo/${PORT}.json?rsp-subtree-include=event-logs,no-scoped&time-range=24h`);
    assert.equal(shown.length, 1);
    assert.equal((await query('class/eventRecord.json?time-range=1week')).length, 2);
  });

  it('only the last ten thousand are kept, and they are pushed', async () => {
    const socket = await openSocket(apic.mock, apic.token);
    await apic.http.get('/api/class/eventRecord.json?subscription=yes');
    portIs('down');
    await socket.until(() =>
      socket.objects().some(({ _class, affected }) => _class === 'eventRecord' && affected === PORT),
    );
    socket.socket.terminate();
    apic.mock.expireSubscriptions();
    for (let round = 0; round < 110; round += 1) {
      portsAre('up');
      portsAre('down');
    }
    const records = apic.mock.objects('eventRecord');
    assert.equal(records.length, 10_000);
    assert.equal(records.at(-1)?.attributes['cause'], 'port-down');
    const ofNode = 'mo/topology/pod-1/node-101.json?rsp-subtree-include=event-logs,no-scoped,subtree&page-size=1';
    const { totalCount } = (await apic.http.get<Reply>(`/api/${ofNode}`)).data;
    assert.equal(totalCount, '10000');
  });
});
