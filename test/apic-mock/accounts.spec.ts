import assert from 'node:assert/strict';
import type { AxiosInstance, AxiosResponse } from 'axios';
import { errorOf, httpClient, loginBody, openSocket, type Reply, until } from './apic-client.js';
import { useApic } from './apic-suite.js';
import { newSigner, type Signer, signatureCookies } from './signing.js';

const ADMIN_ROLE = {
  aaaUserDomain: {
    attributes: { name: 'all' },
    children: [{ aaaUserRole: { attributes: { name: 'admin', privType: 'writePriv' } } }],
  },
};

describe('apic-mock: accounts', () => {
  let clock = Date.parse('2026-01-01T00:00:00Z');
  const apic = useApic({ now: () => clock, tokenSeconds: 100 * 86_400, sessionSeconds: 100 * 86_400 });
  let signer: Signer;

  before(async () => {
    signer = await newSigner('app');
  });

  const addUser = (attributes: Readonly<Record<string, string>>): Promise<AxiosResponse> =>
    apic.http.post('/api/mo/uni/userext.json', { aaaUser: { attributes, children: [ADMIN_ROLE] } });

  const login = (name: string, pwd: string): Promise<AxiosResponse<Reply>> =>
    httpClient(apic.mock).post<Reply>('/api/aaaLogin.json', loginBody(name, pwd));

  const as = async (name: string, pwd: string): Promise<{ readonly http: AxiosInstance; readonly token: string }> => {
    const { token = '' } = (await login(name, pwd)).data.imdata[0]?.aaaLogin?.attributes ?? {};
    const http = httpClient(apic.mock);
    http.defaults.headers.common.Cookie = `APIC-cookie=${token}`;
    return { http, token };
  };

  const signed = (path: string, body: unknown, dn: string): Promise<AxiosResponse<Reply>> => {
    const text = JSON.stringify(body);
    const Cookie = signatureCookies(`POST${path}${text}`, signer.key, dn);
    return httpClient(apic.mock).post<Reply>(path, text, {
      headers: { Cookie, 'Content-Type': 'application/json' },
    });
  };

  describe('requestAppToken', () => {
    const DN = 'uni/userext/appuser-acme_app/usercert-acme_app';
    const request = { aaaAppToken: { attributes: { appName: 'acme_app' } } };

    before(() => {
      apic.mock.load({
        polUni: {
          attributes: {},
          children: [
            {
              aaaUserEp: {
                attributes: {},
                children: [
                  {
                    aaaAppUser: {
                      attributes: { name: 'acme_app' },
                      children: [
                        { aaaUserCert: { attributes: { name: 'acme_app', data: signer.certificate } } },
                        ADMIN_ROLE,
                      ],
                    },
                  },
                ],
              },
            },
          ],
        },
      });
    });

    it('begins a session of an app that signs, and sets no cookie', async () => {
      const answer = await signed('/api/requestAppToken.json', request, DN);
      assert.equal(answer.status, 200, JSON.stringify(answer.data));
      assert.equal(answer.headers['set-cookie'], undefined);
      const { token, userName } = answer.data.imdata[0]?.aaaLogin?.attributes ?? {};
      assert.equal(userName, 'acme_app');
      const http = httpClient(apic.mock);
      http.defaults.headers.common.Cookie = `APIC-cookie=${token}`;
      const written = await http.post('/api/mo/uni.json', { fvTenant: { attributes: { name: 'of-the-app' } } });
      assert.equal(written.status, 200);
      const events = await openSocket(apic.mock, token ?? '');
      assert.equal((await http.get('/api/class/fvTenant.json?subscription=yes')).status, 200);
      events.socket.close();
    });

    it('refuses a token, another signer, another key, and a body that names no app', async () => {
      await addUser({ name: 'ci' });
      await apic.http.post('/api/mo/uni/userext/user-ci.json', {
        aaaUserCert: { attributes: { name: 'ci', data: signer.certificate } },
      });
      assert.equal((await apic.http.post('/api/requestAppToken.json', request)).status, 403);
      const user = await signed('/api/requestAppToken.json', request, 'uni/userext/user-ci/usercert-ci');
      assert.equal(user.status, 403);
      const nobody = await signed('/api/requestAppToken.json', request, DN.replace('usercert-acme', 'usercert-x'));
      assert.equal(errorOf(nobody).text, 'bad signature');
      const nameless = await signed('/api/requestAppToken.json', { aaaAppToken: { attributes: {} } }, DN);
      assert.equal(nameless.status, 400);
    });

    it('is no way in by password', async () => {
      assert.equal((await login('acme_app', '')).status, 401);
    });
  });

  it('lets a user give himself a certificate, and sign by it', async () => {
    await addUser({ name: 'own-cert', pwd: 'Own-pass-1' });
    const { http } = await as('own-cert', 'Own-pass-1');
    const attributes = { userName: 'own-cert', name: 'mine', data: signer.certificate };
    const post = (given: Readonly<Record<string, string>>): Promise<AxiosResponse> =>
      http.post('/api/changeSelfX509Cert.json', { aaaChangeX509Cert: { attributes: given } });
    assert.equal((await post({ ...attributes, userName: 'admin' })).status, 400);
    assert.equal((await post(attributes)).status, 200);
    const dn = 'uni/userext/user-own-cert/usercert-mine';
    const tenant = { fvTenant: { attributes: { name: 'signed-by-own' } } };
    assert.equal((await signed('/api/mo/uni.json', tenant, dn)).status, 200);
    await apic.http.delete(`/api/mo/${dn}.json`);
    assert.equal(errorOf(await signed('/api/mo/uni.json', tenant, dn)).text, 'bad signature');
  });

  it('lets a user change his own password, who knows the old one', async () => {
    await addUser({ name: 'own-pwd', pwd: 'Old-pass-1' });
    const { http } = await as('own-pwd', 'Old-pass-1');
    const change = (oldPassword: string): Promise<AxiosResponse> =>
      http.post('/api/changeSelfPassword.json', {
        aaaChangePassword: { attributes: { userName: 'own-pwd', oldPassword, newPassword: 'New-pass-2' } },
      });
    assert.equal((await change('wrong')).status, 401);
    assert.equal((await change('Old-pass-1')).status, 200);
    assert.equal((await login('own-pwd', 'Old-pass-1')).status, 401);
    assert.equal((await login('own-pwd', 'New-pass-2')).status, 200);
    assert.ok(!/(?:Old|New)-pass-[12]/.test(JSON.stringify(apic.mock.requestLog().slice(-4))));
  });

  it('lets an account expire on its day, by password and by signature', async () => {
    const expiration = new Date(clock + 86_400_000).toISOString();
    await addUser({ name: 'guest', pwd: 'Guest-pass-1', expires: 'yes', expiration });
    await apic.http.post('/api/mo/uni/userext/user-guest.json', {
      aaaUserCert: { attributes: { name: 'guest', data: signer.certificate } },
    });
    const dn = 'uni/userext/user-guest/usercert-guest';
    const tenant = { fvTenant: { attributes: { name: 'guest' } } };
    assert.equal((await login('guest', 'Guest-pass-1')).status, 200);
    assert.equal((await signed('/api/mo/uni.json', tenant, dn)).status, 200);
    clock += 2 * 86_400_000;
    assert.equal((await login('guest', 'Guest-pass-1')).status, 401);
    assert.equal((await signed('/api/mo/uni.json', tenant, dn)).status, 403);
  });

  for (const [how, end] of [
    ['deleted', () => apic.http.delete('/api/mo/uni/userext/user-leaver.json')],
    [
      'switched off',
      () =>
        apic.http.post('/api/mo/uni/userext/user-leaver.json', {
          aaaUser: { attributes: { accountStatus: 'inactive' } },
        }),
    ],
  ] as const) {
    it(`ends the sessions and sockets of a user who is ${how}, and of nobody else`, async () => {
      await addUser({ name: 'leaver', pwd: 'Leaver-pass-1', accountStatus: 'active' });
      const { http, token } = await as('leaver', 'Leaver-pass-1');
      const events = await openSocket(apic.mock, token);
      assert.equal((await http.get('/api/mo/uni.json')).status, 200);
      assert.equal((await end()).status, 200);
      assert.equal(errorOf(await http.get('/api/mo/uni.json')).text, 'Token was invalid (Error: Token timeout)');
      await until(() => events.closed);
      assert.equal((await apic.http.get('/api/mo/uni.json')).status, 200);
    });
  }

  it('has one socket for each session: a second takes over, another session keeps its own', async () => {
    const [first, other] = [await as('admin', 'correct horse'), await as('admin', 'correct horse')];
    const sockets = [await openSocket(apic.mock, first.token), await openSocket(apic.mock, other.token)];
    const second = await openSocket(apic.mock, first.token);
    await until(() => sockets[0]?.closed === true);
    for (const { http } of [first, other]) {
      assert.equal((await http.get('/api/class/fvTenant.json?subscription=yes')).status, 200);
    }
    await apic.http.post('/api/mo/uni.json', { fvTenant: { attributes: { name: 'pushed-to-both' } } });
    const told = (socket: { summary(): readonly string[] } | undefined): boolean =>
      socket?.summary().includes('created uni/tn-pushed-to-both') === true;
    await until(() => told(second) && told(sockets[1]));
    assert.equal(told(sockets[0]), false);
    for (const events of [second, sockets[1]]) events?.socket.close();
  });

  it('asks a TACACS+ server that is not there, where a login domain says so', async () => {
    await apic.http.post('/api/mo/uni/userext.json', {
      aaaLoginDomain: {
        attributes: { name: 'corp' },
        children: [{ aaaDomainAuth: { attributes: { realm: 'tacacs' } } }],
      },
    });
    assert.equal(
      errorOf(await login('apic:corp\\admin', 'correct horse')).text,
      'TACACS+ Server Authentication DENIED',
    );
    await apic.http.delete('/api/mo/uni/userext/logindomain-corp.json');
    assert.equal(errorOf(await login('apic:corp\\admin', 'correct horse')).status, 401);
    assert.equal((await login('admin', 'correct horse')).status, 200);
  });

  describe('throttled logins', () => {
    afterEach(() => apic.mock.endFaults());

    it("get nginx's page beyond so many a minute, and no other request does", async () => {
      apic.mock.plan({ loginsPerMinute: 2 });
      const statuses = [];
      for (let round = 0; round < 4; round += 1) statuses.push((await login('admin', 'correct horse')).status);
      assert.deepEqual(statuses, [200, 200, 503, 503]);
      const refused = await login('admin', 'correct horse');
      assert.match(String(refused.headers['content-type']), /^text\/html/);
      assert.match(
        JSON.stringify(refused.data),
        /<h1>503 Service Temporarily Unavailable<\/h1>.*<hr><center>Cisco APIC<\/center>/,
      );
      assert.equal((await apic.http.get('/api/mo/uni.json')).status, 200);
      clock += 61_000;
      assert.equal((await login('admin', 'correct horse')).status, 200);
    });

    it('get a 405 of nginx when a test orders it', async () => {
      apic.mock.plan({ failures: [{ times: 1, status: 405, urlContains: 'aaaLogin', html: true }] });
      const refused = await login('admin', 'correct horse');
      assert.equal(refused.status, 405);
      assert.match(JSON.stringify(refused.data), /<h1>405 Not Allowed<\/h1>/);
      assert.equal((await login('admin', 'correct horse')).status, 200);
    });
  });
});
