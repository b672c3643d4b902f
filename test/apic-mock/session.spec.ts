import assert from 'node:assert/strict';
import type { ApicMock } from '#apic-mock';
import { errorOf, httpClient, loggedIn, loginBody, openSocket, type Reply, startPlain, until } from './apic-client.js';

const TIMEOUT_TEXT = 'Token was invalid (Error: Token timeout)';

describe('apic-mock: sessions', () => {
  let mock: ApicMock;
  let clock: number;

  beforeEach(async () => {
    clock = Date.parse('2026-01-01T00:00:00Z');
    mock = await startPlain({ now: () => clock, tokenSeconds: 600, sessionSeconds: 1500 });
  });
  afterEach(() => mock.stop());

  it('answers a login with every attribute that clients read, and the token as the first cookie', async () => {
    const answer = await httpClient(mock).post<Reply>('/api/aaaLogin.json', loginBody());
    assert.equal(answer.status, 200);
    const login = answer.data.imdata[0]?.aaaLogin;
    assert.ok(login);
    const { attributes } = login;
    assert.equal(attributes.refreshTimeoutSeconds, '600');
    assert.equal(attributes.maximumLifetimeSeconds, '1500');
    assert.equal(attributes.creationTime, String(clock / 1000));
    assert.equal(attributes.userName, 'admin');
    assert.equal(attributes.version, '6.0(9c)');
    assert.equal(attributes.node, 'topology/pod-1/node-1');
    assert.equal(login.children?.[0]?.aaaUserDomain?.attributes.name, 'all');
    assert.match(
      answer.headers['set-cookie']?.[0] ?? '',
      new RegExp(`^APIC-cookie=${attributes.token}; path=/; HttpOnly`),
    );
    assert.equal(answer.headers.server, 'Cisco APIC');
  });

  it('refuses a wrong password and an unknown user alike', async () => {
    for (const body of [loginBody('admin', 'wrong'), loginBody('nobody')]) {
      assert.deepEqual(errorOf(await httpClient(mock).post('/api/aaaLogin.json', body)), {
        status: 401,
        code: '401',
        text: 'Username or password is incorrect - FAILED local authentication',
      });
    }
    assert.equal(mock.counters().failedLogins, 2);
  });

  it('takes a login domain before the name', async () => {
    for (const name of ['apic:local\\admin', 'apic#local\\\\admin']) {
      assert.equal((await httpClient(mock).post('/api/aaaLogin.json', loginBody(name))).status, 200, name);
    }
  });

  it('finds the token in cookies of any spelling, among others, and in DevCookie', async () => {
    const { token } = await loggedIn(mock);
    const headers = [
      { Cookie: `APIC-Cookie=${token}` },
      { Cookie: `x=1; APIC-COOKIE=${token}; path=/; HttpOnly; Secure` },
      { DevCookie: token },
    ];
    for (const header of headers) {
      const answer = await httpClient(mock).get('/api/mo/uni.json', { headers: header });
      assert.equal(answer.status, 200, JSON.stringify(Object.keys(header)));
    }
  });

  it('says what is missing without a cookie, and that the token is over with an unknown one', async () => {
    const none = errorOf(await httpClient(mock).get('/api/mo/uni.json'));
    assert.equal(none.status, 403);
    assert.match(none.text, /^Need a valid webtoken cookie \(named APIC-Cookie\) or a signed request/);
    const unknown = await httpClient(mock).get('/api/mo/uni.json', { headers: { Cookie: 'APIC-cookie=x' } });
    assert.deepEqual(errorOf(unknown), { status: 403, code: '403', text: TIMEOUT_TEXT });
  });

  it('lets a token expire, a refreshed one live on, and the session end at its age', async () => {
    const { http, token } = await loggedIn(mock);
    clock += 599_000;
    const refreshed = await http.get<Reply>('/api/aaaRefresh.json');
    const newToken = refreshed.data.imdata[0]?.aaaLogin?.attributes.token ?? '';
    assert.notEqual(newToken, token);
    assert.match(refreshed.headers['set-cookie']?.[0] ?? '', /^APIC-cookie=/);
    clock += 2_000;
    assert.equal(errorOf(await http.get('/api/mo/uni.json')).text, TIMEOUT_TEXT);
    http.defaults.headers.common.Cookie = `APIC-cookie=${newToken}`;
    assert.equal((await http.get('/api/mo/uni.json')).status, 200);
    clock += 500_000;
    http.defaults.headers.common.Cookie = (await http.get('/api/aaaRefresh.json')).headers['set-cookie']?.[0] ?? '';
    clock += 400_000;
    assert.equal(errorOf(await http.get('/api/mo/uni.json')).status, 403, 'older than maximumLifetimeSeconds');
  });

  it('ends a session by logout, and closes its socket', async () => {
    const { http, token } = await loggedIn(mock);
    const events = await openSocket(mock, token);
    assert.equal((await http.post('/api/aaaLogout.json', { aaaUser: { attributes: { name: 'admin' } } })).status, 200);
    assert.equal(errorOf(await http.get('/api/mo/uni.json')).text, TIMEOUT_TEXT);
    await until(() => events.closed);
  });

  it('lists login domains to anybody', async () => {
    const answer = await httpClient(mock).get<{ imdata: readonly { name: string }[] }>('/api/aaaListDomains.json');
    assert.deepEqual(
      answer.data.imdata.map((domain) => domain.name),
      ['local', 'DefaultAuth', 'fallback'],
    );
  });

  it('keeps passwords and tokens out of its request log', async () => {
    const { http, token } = await loggedIn(mock);
    await http.post('/api/mo/uni/userext.json', { aaaUser: { attributes: { name: 'eve', pwd: 'S3cret-pass' } } });
    (await openSocket(mock, token)).socket.close();
    const log = mock.requestLog();
    assert.deepEqual(
      log.map((entry) => `${entry.method} ${entry.url} ${entry.status}`),
      ['POST /api/aaaLogin.json 200', 'POST /api/mo/uni/userext.json 200', 'GET /socket*** 101'],
    );
    const text = JSON.stringify(log);
    assert.ok(!text.includes('correct horse') && !text.includes('S3cret-pass') && !text.includes(token));
  });

  it('never shows a password in an answer', async () => {
    const { http } = await loggedIn(mock);
    await http.post('/api/mo/uni/userext.json', { aaaUser: { attributes: { name: 'eve', pwd: 'S3cret-pass' } } });
    const answer = await http.get('/api/mo/uni/userext/user-eve.json');
    assert.equal((answer.data as Reply).imdata[0]?.aaaUser?.attributes.pwd, '');
  });

  it('plays ordered failures, then goes on', async () => {
    const { http } = await loggedIn(mock);
    mock.failNext(2, 503, { method: 'GET' });
    assert.equal(errorOf(await http.get('/api/mo/uni.json')).code, '503');
    assert.equal((await http.post('/api/mo/uni.json', { fvTenant: { attributes: { name: 'a' } } })).status, 200);
    assert.match(errorOf(await http.get('/api/mo/uni.json')).text, /^Unable to deliver the message, Resolve timeout/);
    assert.equal((await http.get('/api/mo/uni.json')).status, 200);
  });

  it('holds answers back', async () => {
    const { http } = await loggedIn(mock);
    mock.setLatency(60);
    const started = performance.now();
    await http.get('/api/mo/uni.json');
    assert.ok(performance.now() - started >= 55);
  });

  it('lets traffic extend a token when told to', async () => {
    const extending = await startPlain({ now: () => clock, tokenSeconds: 600, trafficExtendsSession: true });
    try {
      const { http } = await loggedIn(extending);
      for (let round = 0; round < 4; round += 1) {
        clock += 400_000;
        assert.equal((await http.get('/api/mo/uni.json')).status, 200);
      }
    } finally {
      await extending.stop();
    }
  });

  it('is as new after a reset', async () => {
    const { http } = await loggedIn(mock);
    const size = mock.size();
    await http.post('/api/mo/uni.json', { fvTenant: { attributes: { name: 'a' } } });
    mock.reset();
    assert.equal(mock.size(), size);
    assert.equal(mock.object('uni/tn-a'), undefined);
    assert.equal(mock.counters().requests, 0);
    assert.equal(errorOf(await http.get('/api/mo/uni.json')).text, TIMEOUT_TEXT);
  });
});
