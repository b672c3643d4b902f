import assert from 'node:assert/strict';
import type { AxiosInstance } from 'axios';
import { errorOf, httpClient, loginBody, objectsOf, type Reply } from './apic-client.js';
import { useApic } from './apic-suite.js';

const role = (domain: string, name: string, privType: string): unknown => ({
  aaaUserDomain: {
    attributes: { name: domain },
    children: [{ aaaUserRole: { attributes: { name, privType } } }],
  },
});

describe('apic-mock: users and roles', () => {
  const apic = useApic({ each: true });

  const addUser = (name: string, pwd: string, children: readonly unknown[] = []): Promise<unknown> =>
    apic.http.post('/api/mo/uni/userext.json', { aaaUser: { attributes: { name, pwd }, children } });

  const login = async (name: string, pwd: string, query = ''): Promise<{ status: number; reply: Reply }> => {
    const answer = await httpClient(apic.mock).post<Reply>(`/api/aaaLogin.json${query}`, loginBody(name, pwd));
    return { status: answer.status, reply: answer.data };
  };

  const as = async (name: string, pwd: string): Promise<AxiosInstance> => {
    const { reply } = await login(name, pwd);
    const http = httpClient(apic.mock);
    http.defaults.headers.common.Cookie = `APIC-cookie=${reply.imdata[0]?.aaaLogin?.attributes.token}`;
    return http;
  };

  it('lets a user log in who was made over REST, with the password that was written last', async () => {
    assert.equal((await login('eve', 'First-pass1')).status, 401);
    await addUser('eve', 'First-pass1', [role('all', 'read-all', 'readPriv')]);
    const first = await login('eve', 'First-pass1');
    assert.equal(first.status, 200);
    const answer = first.reply.imdata[0]?.aaaLogin;
    assert.equal(answer?.attributes.userName, 'eve');
    assert.notEqual(answer?.attributes.unixUserId, '15374');
    assert.deepEqual(answer?.children?.[0]?.aaaUserDomain?.attributes, { name: 'all', rolesR: 'read-all', rolesW: '' });
    await addUser('eve', 'Second-pass2');
    assert.equal((await login('eve', 'First-pass1')).status, 401);
    assert.equal((await login('eve', 'Second-pass2')).status, 200);
    await apic.http.post('/api/mo/uni/userext/user-eve.json', {
      aaaUser: { attributes: { accountStatus: 'inactive' } },
    });
    assert.equal((await login('eve', 'Second-pass2')).status, 401);
    await apic.http.delete('/api/mo/uni/userext/user-eve.json');
    assert.equal((await login('eve', 'Second-pass2')).status, 401);
  });

  it('lets nobody in with an empty password', async () => {
    await apic.http.post('/api/mo/uni/userext.json', { aaaUser: { attributes: { name: 'open' } } });
    assert.equal((await login('open', '')).status, 401);
  });

  it('knows login domains, also those that are configured', async () => {
    assert.equal((await login('apic:corp\\admin', 'correct horse')).status, 401);
    await apic.http.post('/api/mo/uni/userext.json', { aaaLoginDomain: { attributes: { name: 'corp' } } });
    for (const name of ['apic:corp\\admin', 'apic#corp\\\\admin', 'apic:fallback\\admin']) {
      assert.equal((await login(name, 'correct horse')).status, 200, name);
    }
    const listed = await httpClient(apic.mock).get<{ imdata: readonly { name: string }[] }>('/api/aaaListDomains.json');
    assert.ok(listed.data.imdata.some((domain) => domain.name === 'corp'));
    const xml = await httpClient(apic.mock).get<string>('/api/aaaListDomains.xml');
    assert.match(xml.data, /<aaaDomain name="corp" type="OTHER"\/>/);
  });

  it('gives a password away in no answer, filter, order or event', async () => {
    await addUser('eve', 'First-pass1');
    const count = async (filter: string): Promise<string> =>
      (await apic.http.get<Reply>(`/api/class/aaaUser.json?query-target-filter=${encodeURIComponent(filter)}`)).data
        .totalCount;
    assert.equal(await count('eq(aaaUser.pwd,"First-pass1")'), '0');
    assert.equal(await count('wcard(aaaUser.pwd,"^F")'), '0');
    assert.equal(await count('gt(aaaUser.pwd,"A")'), '0');
    await addUser('adam', 'Zzz-pass-99');
    const names = async (direction: string): Promise<readonly (string | undefined)[]> =>
      objectsOf(await apic.http.get(`/api/class/aaaUser.json?order-by=aaaUser.pwd|${direction}`)).map(
        (user) => user.name,
      );
    assert.deepEqual(await names('asc'), await names('desc'));
    const changed = await apic.http.post('/api/mo/uni/userext.json?rsp-subtree=modified', {
      aaaUser: { attributes: { name: 'eve', pwd: 'Third-pass3' } },
    });
    assert.ok(!JSON.stringify(changed.data).includes('Third-pass3'));
  });

  it('lets a reader read, and write nothing', async () => {
    await addUser('reader', 'Reader-pass1', [role('all', 'read-all', 'readPriv')]);
    const http = await as('reader', 'Reader-pass1');
    assert.equal((await http.get<Reply>('/api/class/fvTenant.json')).data.totalCount, '3');
    const size = apic.mock.size();
    const tenant = { fvTenant: { attributes: { name: 'x' } } };
    const attempts = [
      await http.post('/api/mo/uni.json', tenant),
      await http.post('/api/mo/uni.json', { polUni: { attributes: {}, children: [tenant] } }),
      await http.post('/api/mo/uni/tn-common.json', { fvTenant: { attributes: { status: 'deleted' } } }),
      await http.post('/api/mo/uni/userext/user-reader.json', role('all', 'admin', 'writePriv')),
      await http.delete('/api/mo/uni/tn-common.json'),
      await http.post('/api/mo/uni.xml', '<fvTenant name="x"/>', { headers: { 'Content-Type': 'text/plain' } }),
    ];
    for (const attempt of attempts) assert.equal(attempt.status, 403);
    assert.equal(errorOf(attempts[0] ?? assert.fail()).code, '403');
    assert.equal(apic.mock.size(), size);
  });

  it('lets the admin of one security domain write in its tenant only', async () => {
    await apic.http.post('/api/mo/uni.json', { fvTenant: { attributes: { name: 'blue' } } });
    await addUser('blue-admin', 'Blue-pass-1', [role('blue', 'tenant-admin', 'writePriv')]);
    const http = await as('blue-admin', 'Blue-pass-1');
    const ap = { fvAp: { attributes: { name: 'a' } } };
    assert.equal((await http.post('/api/mo/uni/tn-blue.json', ap)).status, 200);
    assert.equal((await http.post('/api/mo/uni/tn-common.json', ap)).status, 403);
    assert.equal((await http.post('/api/mo/uni/userext.json', { aaaUser: { attributes: { name: 'x' } } })).status, 403);
  });

  it('asks for the challenge token in each request once it was given', async () => {
    const { reply } = await login('admin', 'correct horse', '?gui-token-request=yes');
    const { token, urlToken } = reply.imdata[0]?.aaaLogin?.attributes ?? {};
    assert.ok(urlToken);
    const http = httpClient(apic.mock);
    http.defaults.headers.common.Cookie = `APIC-cookie=${token}`;
    assert.equal(errorOf(await http.get('/api/mo/uni.json')).status, 403);
    assert.equal((await http.get('/api/mo/uni.json', { headers: { 'APIC-challenge': 'wrong' } })).status, 403);
    assert.equal((await http.get('/api/mo/uni.json', { headers: { 'APIC-challenge': urlToken } })).status, 200);
    assert.equal((await http.get(`/api/mo/uni.json?challenge=${urlToken}`)).status, 200);
    assert.ok(!JSON.stringify(apic.mock.requestLog()).includes(urlToken));
    const plain = await login('admin', 'correct horse');
    assert.equal(plain.reply.imdata[0]?.aaaLogin?.attributes.urlToken, undefined);
  });
});
