import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { ApicLoginRefusedError } from '#apic';
import { type ApicMock, startApicMock } from '#apic-mock';
import { InvalidInputError } from '#errors';
import type { ApicPort } from '#ports';
import { eventually } from '#support/eventually';
import { ManualClock } from '#support/manual-clock';
import { mischiefOf } from './apic-mock-mischief.js';
import { apicPortContract } from './apic-port-contract.js';
import { type ClientOptions, forever, SetUp, TENANT, TENANTS } from './client-set-up.js';
import { RecordingSink } from './recording-sink.js';
import { loadSigningUser, type SigningFixture } from './signing-user.js';

const USER = { name: 'gateway', password: 'right' };

interface Signing {
  readonly mock: ApicMock;
  readonly fixture: SigningFixture;
  readonly setUp: SetUp;
  readonly client: (options?: ClientOptions) => ApicPort;
  readonly close: () => Promise<void>;
}

async function signing(tls: 'none' | 'generated' = 'none', options = {}): Promise<Signing> {
  const mock = await startApicMock({ users: [USER], tls: { mode: tls }, ...options });
  const fixture = await loadSigningUser(mock, USER.name);
  const setUp = new SetUp();
  const trust = mock.caCertificate === undefined ? {} : { tls: { ca: mock.caCertificate } };
  return {
    mock,
    fixture,
    setUp,
    client: (more = {}) =>
      setUp.client(mock.url, { password: undefined, ...trust, certificate: fixture.certificate, ...more }),
    close: async () => {
      await setUp.close();
      await mock.stop();
    },
  };
}

apicPortContract('client that signs, over apic-mock', async () => {
  const { mock, client, close } = await signing('generated');
  return { client, mischief: mischiefOf(mock), close };
});

describe('apic: signed requests', () => {
  let to: Signing;
  const open = async (...given: Parameters<typeof signing>): Promise<Signing> => {
    to = await signing(...given);
    return to;
  };
  afterEach(() => to.close());

  it('need no login, and sign paths with brackets and what is not ASCII as it is sent', async () => {
    const { mock, client } = await open();
    const api = client();
    await api.post('uni', TENANT, forever);
    await api.list({ dn: 'uni/tn-a/annotationKey-[a/ü ?#%"|]', classes: ['fvTenant'] }, forever);
    assert.equal(mock.object('uni/tn-a')?.className, 'fvTenant');
    assert.equal(mock.counters().logins, 0);
    assert.equal(mock.counters().failedLogins, 0);
  });

  it('are refused with the key of somebody else: said once, with what to check', async () => {
    const { fixture, client } = await open();
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const api = client({ certificate: { ...fixture.certificate, key } });
    const attempts = await Promise.allSettled([1, 2, 3].map(() => api.post('uni', TENANT, forever)));
    for (const attempt of attempts) {
      assert.ok(attempt.status === 'rejected' && attempt.reason instanceof ApicLoginRefusedError);
      assert.equal(attempt.reason.disposition, 'wait');
      assert.match(
        attempt.reason.message,
        /usercert-gateway\.crt: (bad signature|invalid padding); check .*apic\.keyFile/,
      );
    }
    assert.equal(api.requests().logins, 1);
  });

  it('are refused for a certificate that the APIC does not have', async () => {
    const { fixture, client } = await open();
    const api = client({ certificate: { ...fixture.certificate, name: 'other' } });
    await assert.rejects(api.list(TENANTS, forever), /usercert-other: bad signature; check .*apic\.certificateName/);
  });

  it('stop when the certificate is taken away in the middle, with the same words', async () => {
    const { mock, client } = await open();
    const api = client();
    await api.post('uni', TENANT, forever);
    mock.load({ aaaUserCert: { attributes: { dn: 'uni/userext/user-gateway/usercert-gateway.crt', data: 'gone' } } });
    await assert.rejects(api.post('uni', TENANT, forever), ApicLoginRefusedError);
  });

  it('keep their session when the user may not do something', async () => {
    const { mock, client } = await open();
    const api = client();
    await api.post('uni', TENANT, forever);
    mock.failNext(2, 403, { method: 'POST', urlContains: 'tn-secret', text: 'no write privilege' });
    await assert.rejects(api.post('uni/tn-secret', TENANT, forever), /fresh session as well: no write privilege/);
    assert.equal(api.requests().logins, 1);
  });

  it('follow the fabric by a token for the websocket alone, through its refreshes', async () => {
    const { mock, client } = await open();
    const clock = new ManualClock();
    const api = client({ clock, pingMs: 1e9, refreshTimeoutSeconds: 36_000 });
    const sink = new RecordingSink();
    const stop = new AbortController();
    const watching = api.watch([TENANTS], sink, stop.signal);
    await eventually(() => assert.equal(sink.told.length, 1));
    // A session that nobody refreshes lives 600 seconds.
    for (let round = 1; round <= 4; round += 1) {
      await clock.advance(300_000);
      await eventually(() => assert.equal(api.requests().refreshes, round));
      mock.advance(300_000);
      mock.load({ fvTenant: { attributes: { name: `t${round}` } } });
      await eventually(() => assert.equal(sink.told.at(-1), `created uni/tn-t${round}`));
    }
    assert.deepEqual(sink.reasons, []);
    stop.abort();
    await watching;
  });

  it('do not give up a socket because its session takes no refresh', async () => {
    const { mock, client } = await open('none', { tokenSeconds: 600 });
    const api = client();
    const sink = new RecordingSink();
    const stop = new AbortController();
    const watching = api.watch([TENANTS], sink, stop.signal);
    await eventually(() => assert.equal(sink.told.length, 1));
    // A 403 sets off a refresh, which is refused as well: the signature is good all the same.
    mock.failNext(1, 403, { urlContains: 'aaaRefresh', text: 'no' });
    mock.failNext(1, 403, { method: 'POST', text: 'no' });
    await api.post('uni', TENANT, forever);
    await eventually(() => assert.ok(sink.told.includes('created uni/tn-a')));
    assert.deepEqual(sink.reasons, []);
    assert.equal(api.requests().logins, 1);
    stop.abort();
    await watching;
  });
});

describe('apic: how a client says who it is', () => {
  const setUp = new SetUp();
  const make = (options: ClientOptions) => () => setUp.client('https://apic', options);

  it('is a password or a certificate, and not both', () => {
    const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' });
    const certificate = { name: 'c', key: key.toString() };
    assert.throws(make({ certificate }), /either a password or a certificate/);
    assert.throws(make({ password: undefined }), /either a password or a certificate/);
    assert.throws(make({ password: undefined, certificate, domain: 'lab' }), /login domain goes with a password/);
    make({ password: undefined, certificate })();
  });

  it('needs an RSA key in PEM without a passphrase, and shows nothing of a wrong one', () => {
    const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const locked = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'hush',
    });
    const of = (key: string) => make({ password: undefined, certificate: { name: 'c', key } });
    assert.throws(of('hush'), (error: unknown) => error instanceof InvalidInputError && !/hush/.test(error.message));
    assert.throws(of(locked.toString()), /apic\.keyFile: expected a private key in PEM without a passphrase/);
    assert.throws(of(elliptic.export({ type: 'pkcs8', format: 'pem' }).toString()), /a key of type ec.*RSA keys only/);
  });
});
