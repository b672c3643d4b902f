import assert from 'node:assert/strict';
import type { AxiosResponse } from 'axios';
import type { ApicMock } from '#apic-mock';
import { errorOf, httpClient, type LoggedIn, loggedIn, type Reply, startPlain, until } from './apic-client.js';
import { xmlHttpClient } from './xml-client.js';

const tenant = (name: string, status = ''): unknown => ({ fvTenant: { attributes: { name, status } } });

describe('apic-mock: a busy APIC', () => {
  let mock: ApicMock;
  let client: LoggedIn;

  beforeEach(async () => {
    mock = await startPlain({ control: true });
    client = await loggedIn(mock);
  });
  afterEach(() => mock.stop());

  const post = (body: unknown): Promise<AxiosResponse> => client.http.post('/api/mo/uni.json', body);
  const plan = async (faults: unknown): Promise<void> => {
    const answer = await httpClient(mock).post('/mock/faults', faults);
    assert.equal(answer.status, 200, JSON.stringify(answer.data));
  };
  const state = (id: string): Promise<AxiosResponse> => client.http.get(`/api/checkRequestState.json?id=${id}`);

  it('accepts a write with 202, does it a moment later, and tells so when asked', async () => {
    await plan({ acceptWrites: 1, acceptDelayMilliseconds: 60 });
    const text = 'Request in progress, please check state using URL: /api/checkRequestState.xml?id=1';
    assert.deepEqual(errorOf(await post(tenant('a'))), { status: 202, code: '202', text });
    assert.equal(mock.object('uni/tn-a'), undefined);
    assert.deepEqual(errorOf(await state('1')), { status: 202, code: '202', text });
    const spelled = xmlHttpClient(mock);
    const inXml = await spelled.get('/api/checkRequestState.json?id=1', {
      headers: { Cookie: `APIC-cookie=${client.token}` },
    });
    assert.equal(errorOf(inXml).text, text);
    await until(() => mock.object('uni/tn-a') !== undefined);
    const done = await state('1');
    assert.deepEqual([done.status, done.data], [200, { totalCount: '0', imdata: [] }]);
    assert.equal((await post(tenant('b'))).status, 200, 'only so many as ordered');
  });

  it('tells the error of an accepted write when asked, and takes a wrong body at once', async () => {
    await plan({ acceptWrites: 2, acceptDelayMilliseconds: 0 });
    assert.equal(errorOf(await post({ fvTenant: { attributes: { descr: 'x' } } })).code, '822');
    assert.equal((await post(tenant('no', 'modified'))).status, 202);
    assert.equal((await client.http.delete('/api/mo/uni/tn-common.json')).status, 202);
    await until(() => mock.object('uni/tn-common') === undefined);
    assert.deepEqual(errorOf(await state('1')).code, '102');
    assert.equal((await state('2')).status, 200);
    assert.equal((await state('77')).status, 200);
    assert.equal(mock.counters().internalErrors, 0);
  });

  it('counts what it found and shows nothing, so many times', async () => {
    await plan({ emptyAnswers: 2 });
    const ask = async (path: string): Promise<Reply> => (await client.http.get<Reply>(path)).data;
    assert.equal((await ask('/api/mo/uni/tn-nobody.json')).totalCount, '0');
    assert.deepEqual(await ask('/api/class/fvTenant.json'), { totalCount: '3', imdata: [] });
    assert.deepEqual(await ask('/api/mo/uni.json'), { totalCount: '1', imdata: [] });
    assert.equal((await ask('/api/class/fvTenant.json')).imdata.length, 3);
  });

  it('shows a write of certain classes late, and any other at once', async () => {
    await plan({ commitDelayMilliseconds: 60, commitDelayClasses: ['fvAp'] });
    await post(tenant('a'));
    assert.ok(mock.object('uni/tn-a'));
    const body = { fvTenant: { attributes: { name: 'a' }, children: [{ fvAp: { attributes: { name: 'p' } } }] } };
    assert.equal((await post(body)).status, 200);
    assert.equal((await client.http.get<Reply>('/api/mo/uni/tn-a/ap-p.json')).data.totalCount, '0');
    await until(() => mock.object('uni/tn-a/ap-p') !== undefined);
  });

  it('is itself again when the faults end', async () => {
    mock.plan({ acceptWrites: 5, emptyAnswers: 5, commitDelayMilliseconds: 500, commitDelayClasses: ['fvAp'] });
    mock.endFaults();
    assert.equal((await post(tenant('a'))).status, 200);
    assert.equal((await client.http.get<Reply>('/api/mo/uni/tn-a.json')).data.imdata.length, 1);
    const wrong = await httpClient(mock).post('/mock/faults', { commitDelayClasses: 'fvAp' });
    assert.deepEqual(
      [wrong.status, wrong.data],
      [400, { error: 'fault plan: commitDelayClasses: expected a list of class names' }],
    );
  });
});
