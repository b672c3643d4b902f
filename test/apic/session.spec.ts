import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { generate } from 'selfsigned';
import { ApicLoginRefusedError, ApicTlsUntrustedError, ApicUnreachableError, createApicClient } from '#apic';
import { GatewayError, InvalidInputError } from '#errors';
import { silentLogger, systemClock } from '#runtime';
import { eventually } from '#support/eventually';
import { ManualClock } from '#support/manual-clock';
import { forever, SetUp, TENANT, TENANTS } from './client-set-up.js';
import { failed, imdata, type ScriptedReply } from './scripted-apic.js';
import { SilentServer } from './silent-server.js';

const codeOf = (code: string) => (error: unknown) => error instanceof GatewayError && error.code === code;

describe('apic: session', () => {
  const setUp = new SetUp();
  afterEach(() => setUp.close());

  it('logs in once for 50 requests at a time, over few connections', async () => {
    const server = await setUp.server();
    const client = setUp.client(server.url);
    await Promise.all(Array.from({ length: 50 }, () => client.post('uni', TENANT, forever)));
    assert.equal(server.logins, 1);
    assert.equal(server.of('/api/mo/uni.json').length, 50);
    assert.ok(server.connections <= 8, `${server.connections} connections`);
    assert.deepEqual(client.requests(), { logins: 1, reads: 0, writes: 50, refreshes: 0 });
  });

  it('sends attributes before children, and exactly one cookie', async () => {
    const server = await setUp.server();
    await setUp
      .client(server.url)
      .post('uni/tn-a/x-[topology/pod-1]/n-ü?#', { ...TENANT, children: [TENANT] }, forever);
    const [sent] = server.seen.filter(({ path }) => path.startsWith('/api/mo'));
    assert.equal(sent?.path, '/api/mo/uni/tn-a/x-[topology/pod-1]/n-ü?#.json');
    assert.equal(sent.cookie, 'APIC-cookie=token-1');
    assert.equal(
      sent.body,
      '{"fvTenant":{"attributes":{"name":"a"},"children":[{"fvTenant":{"attributes":{"name":"a"}}}]}}',
    );
  });

  it('names a login domain as the APIC wants it', async () => {
    const server = await setUp.server();
    await setUp.client(server.url, { domain: 'lab' }).post('uni', TENANT, forever);
    assert.match(server.of('/api/aaaLogin.json')[0]?.body ?? '', /"name":"apic:lab\\\\gateway"/);
  });

  it('logs in once more when 50 requests meet an expired token', async () => {
    const server = await setUp.server();
    const client = setUp.client(server.url);
    await client.post('uni', TENANT, forever);
    server.validTokens.clear();
    await Promise.all(Array.from({ length: 50 }, () => client.post('uni', TENANT, forever)));
    assert.equal(server.logins, 2);
  });

  it('keeps its session when the user may not do something, and says so', async () => {
    const server = await setUp.server();
    const client = setUp.client(server.url);
    server.script = ({ path }) => (path.includes('tn-secret') ? failed(403, '403', 'no write privilege') : undefined);
    const refused = client.post('uni/tn-secret', TENANT, forever);
    await assert.rejects(refused, (error: unknown) => {
      assert.ok(error instanceof GatewayError);
      assert.equal(error.code, 'APIC_SESSION');
      assert.match(error.message, /uni\/tn-secret.*no write privilege.*privileges/);
      return true;
    });
    assert.equal(server.logins, 1);
    assert.equal(server.of('/api/mo/uni/tn-secret.json').length, 2);
  });

  it('refreshes at half the life of the token and uses the new one', async () => {
    const server = await setUp.server();
    server.refreshTimeoutSeconds = '0.2';
    const client = setUp.client(server.url);
    await client.post('uni', TENANT, forever);
    await eventually(() => assert.ok(client.requests().refreshes >= 2));
    await client.post('uni', TENANT, forever);
    const tokens = server.of('/api/mo/uni.json').map(({ token }) => token);
    assert.equal(tokens[0], 'token-1');
    assert.notEqual(tokens[1], 'token-1');
    assert.equal(server.logins, 1);
  });

  it('replaces the session before its lifetime ends', async () => {
    const server = await setUp.server();
    server.maximumLifetimeSeconds = '0.2';
    const client = setUp.client(server.url);
    await client.post('uni', TENANT, forever);
    await eventually(() => assert.ok(server.logins >= 2));
    server.maximumLifetimeSeconds = '86400';
    await eventually(() => assert.ok(server.logins >= 3));
  });

  it('logs out when it is closed', async () => {
    const server = await setUp.server();
    const client = setUp.client(server.url);
    await client.post('uni', TENANT, forever);
    await client.close();
    assert.equal(server.of('/api/aaaLogout.json')[0]?.token, 'token-1');
    await assert.rejects(client.post('uni', TENANT, forever), /closing/);
  });

  it('says once and clearly that a login was refused, and spares the account', async () => {
    const server = await setUp.server();
    const clock = new ManualClock();
    const client = setUp.client(server.url, { password: 'hush-wrong', clock });
    const attempts = await Promise.allSettled([1, 2, 3].map(() => client.post('uni', TENANT, forever)));
    await assert.rejects(client.post('uni', TENANT, forever), ApicLoginRefusedError);
    for (const attempt of attempts) assert.equal(attempt.status, 'rejected');
    assert.equal(server.logins, 1);
    await clock.advance(75_000);
    await assert.rejects(client.post('uni', TENANT, forever), (error: unknown) => {
      assert.ok(error instanceof ApicLoginRefusedError);
      assert.equal(error.disposition, 'wait');
      assert.ok(error.message.includes(server.url) && error.message.includes('gateway'));
      assert.doesNotMatch(error.message, /hush|\n/);
      return true;
    });
    assert.equal(server.logins, 2);
  });

  it('writes no password and no token to the log', async () => {
    const server = await setUp.server();
    server.password = 'hush-password';
    const client = setUp.client(server.url, { password: 'hush-password' });
    await client.post('uni', TENANT, forever);
    server.validTokens.clear();
    await client.post('uni', TENANT, forever);
    assert.ok(setUp.logged.length > 0);
    assert.doesNotMatch(setUp.logged.join(), /hush|token-/);
  });

  it('stops a request when its signal is aborted', async () => {
    const server = await setUp.server();
    server.script = ({ path }) => (path.startsWith('/api/mo') ? 'silence' : undefined);
    const stop = new AbortController();
    const request = setUp.client(server.url).post('uni', TENANT, stop.signal);
    await eventually(() => assert.equal(server.of('/api/mo/uni.json').length, 1));
    stop.abort(new Error('enough'));
    await assert.rejects(request, /enough/);
  });

  it('leaves nothing behind at a signal that outlives many requests', async () => {
    const server = await setUp.server();
    const { signal } = new AbortController();
    const client = setUp.client(server.url);
    for (let count = 0; count < 20; count += 1) await client.post('uni', TENANT, signal);
    await client.list(TENANTS, signal);
    assert.deepEqual(getEventListeners(signal, 'abort'), []);
  });

  it('refuses URLs that are none', () => {
    const options = {
      user: 'u',
      password: 'p',
      timeoutMs: 1,
      refreshTimeoutSeconds: 60,
      log: silentLogger,
      clock: systemClock(),
      random: Math.random,
    };
    assert.throws(() => createApicClient({ ...options, urls: ['apic1'] }), InvalidInputError);
    assert.throws(() => createApicClient({ ...options, urls: ['ftp://apic1'] }), InvalidInputError);
    assert.throws(() => createApicClient({ ...options, urls: [] }), InvalidInputError);
  });
});

describe('apic: network and TLS', () => {
  const setUp = new SetUp();
  afterEach(() => setUp.close());

  it('says that nothing listens, in one line', async () => {
    const server = await setUp.server();
    await server.stop();
    await assert.rejects(setUp.client(server.url).post('uni', TENANT, forever), (error: unknown) => {
      assert.ok(error instanceof ApicUnreachableError);
      assert.equal(error.disposition, 'retry');
      assert.equal(error.message, `APIC ${server.url} cannot be reached: connection refused (ECONNREFUSED)`);
      return true;
    });
  });

  it('gives up on an answer that does not come', async () => {
    const server = await setUp.server();
    server.script = () => 'silence';
    const client = setUp.client(server.url, { timeoutMs: 50 });
    await assert.rejects(client.post('uni', TENANT, forever), /no answer in time/);
  });

  it('tries a reset connection once more at once', async () => {
    const server = await setUp.server();
    let cuts = 1;
    server.script = ({ path }) => {
      if (!path.startsWith('/api/mo') || cuts === 0) return undefined;
      cuts -= 1;
      return 'reset';
    };
    const client = setUp.client(server.url);
    await client.post('uni', TENANT, forever);
    assert.equal(client.requests().writes, 2);
    cuts = 2;
    await assert.rejects(client.post('uni', TENANT, forever), codeOf('APIC_UNREACHABLE'));
  });

  it('uses the next APIC when one is down, also in the middle of a session', async () => {
    const first = await setUp.server();
    const second = await setUp.server();
    const dead = await setUp.server();
    await dead.stop();
    const client = setUp.client([dead.url, first.url, second.url]);
    await client.post('uni', TENANT, forever);
    assert.equal(first.of('/api/mo/uni.json').length, 1);
    await first.stop();
    await assert.rejects(client.post('uni', TENANT, forever), codeOf('APIC_UNREACHABLE'));
    await client.post('uni', TENANT, forever);
    assert.equal(second.of('/api/mo/uni.json').length, 1);
  });

  it('uses the next APIC when a page answers the login of one, whatever its status', async () => {
    for (const status of [400, 404, 503]) {
      const first = await setUp.server();
      const second = await setUp.server();
      first.script = () => ({ status, body: '<html><body>nginx</body></html>' });
      await setUp.client([first.url, second.url]).post('uni', TENANT, forever);
      assert.equal(second.of('/api/mo/uni.json').length, 1);
    }
  });

  it('uses the next APIC when one does not get as far as TLS any more, also when it is pinned', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'apic' }]);
    const pinnedSha256 = [new X509Certificate(cert).fingerprint256];
    for (const tls of [{ insecure: true }, { pinnedSha256 }]) {
      const first = await setUp.server({ key, cert });
      const second = await setUp.server({ key, cert });
      const client = setUp.client([first.url, second.url], { tls, timeoutMs: 600 });
      await client.post('uni', TENANT, forever);
      await first.stop();
      const silent = new SilentServer();
      await silent.start(Number(new URL(first.url).port));
      try {
        await assert.rejects(client.post('uni', TENANT, forever), /the connection timed out \(ETIMEDOUT\)/);
        await client.post('uni', TENANT, forever);
        assert.equal(second.of('/api/mo/uni.json').length, 1);
      } finally {
        await silent.stop();
      }
    }
  });

  it('verifies certificates: refuses a self-signed one, takes it as CA, takes anything only when told to', async () => {
    const names = [{ name: 'commonName', value: 'apic' }];
    const { private: key, cert } = await generate(names, {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    });
    const server = await setUp.server({ key, cert });
    await assert.rejects(setUp.client(server.url).post('uni', TENANT, forever), (error: unknown) => {
      assert.ok(error instanceof ApicTlsUntrustedError);
      assert.equal(error.disposition, 'wait');
      assert.match(error.message, /not trusted.*apic\.caFile/);
      return true;
    });
    const { cert: other } = await generate(names);
    await assert.rejects(
      setUp.client(server.url, { tls: { ca: other } }).post('uni', TENANT, forever),
      /not trusted.* when apic\.caFile, apic\.ca or --ca is set, none of the certificates there is that one/,
    );
    assert.equal(server.seen.length, 0);
    await setUp.client(server.url, { tls: { ca: cert } }).post('uni', TENANT, forever);
    await setUp.client(server.url, { tls: { insecure: true } }).post('uni', TENANT, forever);
    assert.equal(server.of('/api/mo/uni.json').length, 2);
  });

  it('says what may be wrong when the other side does not speak TLS', async () => {
    const server = await setUp.server();
    const client = setUp.client(server.url.replace('http:', 'https:'));
    await assert.rejects(client.post('uni', TENANT, forever), /http:\/\/ instead of https:\/\//);
  });
});

describe('apic: answers', () => {
  const setUp = new SetUp();
  afterEach(() => setUp.close());

  const html = '<html><body><center>Cisco APIC</center></body></html>';
  const cases: readonly (readonly [string, ScriptedReply, string, GatewayError['disposition']])[] = [
    ['503', failed(503, '503', 'Resolve timeout'), 'APIC_BUSY', 'retry'],
    ['503 in HTML', { status: 503, body: html }, 'APIC_BUSY', 'retry'],
    ['502 with nothing', { status: 502, body: '' }, 'APIC_BUSY', 'retry'],
    ['429 with a time', { status: 429, body: html, headers: { 'Retry-After': '7' } }, 'APIC_BUSY', 'wait'],
    ['200 in HTML', { status: 200, body: html }, 'APIC_BUSY', 'retry'],
    ['400 in HTML', { status: 400, body: html }, 'APIC_REJECTED', 'park'],
    ['202 for a full queue', failed(202, '202', 'Request in progress'), 'APIC_BUSY', 'retry'],
    ['a redirect', { status: 302, body: '', headers: { Location: 'http://127.0.0.1:9/' } }, 'APIC_BUSY', 'retry'],
    ['400', failed(400, '120', 'unknown property value'), 'APIC_REJECTED', 'park'],
    ['400 for an object that is not there', failed(400, '102', 'not found'), 'APIC_REJECTED', 'reread'],
    ['413 in HTML', { status: 413, body: html }, 'APIC_REJECTED', 'park'],
    ['405', failed(405, '405', 'unable to locate opened web socket'), 'APIC_SOCKET', 'retry'],
    [
      'an error in a 200',
      { status: 200, body: imdata([{ error: { attributes: { code: '1', text: 'x' } } }]) },
      'APIC_REJECTED',
      'park',
    ],
  ];
  for (const [name, reply, code, disposition] of cases) {
    it(`${name}: ${code}, ${disposition}`, async () => {
      const server = await setUp.server();
      server.script = ({ path }) => (path.startsWith('/api/mo') ? reply : undefined);
      await assert.rejects(setUp.client(server.url).post('uni/tn-a', TENANT, forever), (error: unknown) => {
        assert.ok(error instanceof GatewayError);
        assert.equal(error.code, code);
        assert.equal(error.disposition, disposition);
        assert.doesNotMatch(error.message, /<html|\n/);
        return true;
      });
      assert.equal(server.of('/api/mo/uni/tn-a.json').length, 1);
    });
  }

  it('tells code, text and Dn of a rejection', async () => {
    const server = await setUp.server();
    server.script = ({ path }) => (path.startsWith('/api/mo') ? failed(400, '120', 'bad value') : undefined);
    await assert.rejects(setUp.client(server.url).post('uni/tn-a', TENANT, forever), {
      apicCode: '120',
      dn: 'uni/tn-a',
      text: 'bad value',
      message: 'APIC rejected uni/tn-a: bad value (code 120)',
    });
  });

  it('waits as long as the APIC asks, up to a minute', async () => {
    let wait = '7';
    const server = await setUp.server();
    server.script = ({ path }) =>
      path.startsWith('/api/mo') ? { status: 503, body: '', headers: { 'Retry-After': wait } } : undefined;
    await assert.rejects(setUp.client(server.url).list(TENANTS, forever), { retryAfterMs: 7000 });
    wait = '86400';
    await assert.rejects(setUp.client(server.url).list(TENANTS, forever), { retryAfterMs: 60_000 });
  });
});
