import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';
import { type ApicTls, ApicTlsUntrustedError } from '#apic';
import { systemClock } from '#runtime';
import { eventually } from '#support/eventually';
import { ApicSession } from '../../src/apic/session.js';
import { openSocket } from '../../src/apic/socket.js';
import { forever, SetUp, TENANT, TENANTS } from './client-set-up.js';
import { RecordingSink } from './recording-sink.js';
import type { ScriptedApic } from './scripted-apic.js';
import { SilentServer } from './silent-server.js';

interface Pair {
  readonly key: string;
  readonly cert: string;
}

/** A self-signed certificate for 127.0.0.1, or for another name; valid until the day when one is given. */
async function selfSigned({ name = '127.0.0.1', until }: { name?: string; until?: Date } = {}): Promise<Pair> {
  const altName = name === '127.0.0.1' ? { type: 7 as const, ip: name } : { type: 2 as const, value: name };
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'apic' }], {
    extensions: [{ name: 'subjectAltName', altNames: [altName] }],
    ...(until === undefined ? {} : { notBeforeDate: new Date('2020-01-01'), notAfterDate: until }),
  });
  return { key, cert };
}

const fingerprint = ({ cert }: Pair): string => new X509Certificate(cert).fingerprint256;

describe('apic: trust', () => {
  const setUp = new SetUp();
  let pair: Pair;
  let other: Pair;
  let server: ScriptedApic;
  before(async () => {
    [pair, other] = await Promise.all([selfSigned(), selfSigned()]);
  });
  beforeEach(async () => {
    server = await setUp.server(pair);
  });
  afterEach(() => setUp.close());

  const post = (tls: ApicTls, url = server.url): Promise<void> =>
    setUp.client(url, { tls }).post('uni', TENANT, forever);

  /** REST and the websocket's handshake, both over TLS. */
  async function follows(tls: ApicTls): Promise<void> {
    const sink = new RecordingSink();
    const stop = new AbortController();
    const watching = setUp.client(server.url, { tls }).watch([TENANTS], sink, stop.signal);
    await eventually(() => assert.deepEqual(sink.told, ['replaced']));
    stop.abort();
    await watching;
  }

  it('in a pinned certificate needs no CA, for REST and the websocket, whatever the spelling', async () => {
    await follows({ pinnedSha256: [fingerprint(pair)] });
    await follows({ pinnedSha256: [fingerprint(other), fingerprint(pair).toLowerCase().replaceAll(':', '')] });
  });

  it('in a pinned certificate asks neither for its name nor for its dates', async () => {
    const old = await selfSigned({ name: 'apic.example.org', until: new Date('2021-01-01') });
    server = await setUp.server(old);
    await assert.rejects(post({ ca: old.cert }), ApicTlsUntrustedError);
    await follows({ pinnedSha256: [fingerprint(old)] });
  });

  it('ends before anything is sent when another certificate is shown', async () => {
    for (const tls of [{ pinnedSha256: [fingerprint(other)] }, { ca: pair.cert, pinnedSha256: [fingerprint(other)] }]) {
      await assert.rejects(post(tls), (error: unknown) => {
        assert.ok(error instanceof ApicTlsUntrustedError);
        assert.equal(error.disposition, 'wait');
        assert.ok(error.message.includes(fingerprint(pair)), error.message);
        assert.match(error.message, /none of apic\.pinnedSha256/);
        return true;
      });
    }
    // Whatever had been sent before would be seen before what is sent now.
    await post({ ca: pair.cert });
    assert.deepEqual(
      server.seen.map(({ path }) => path),
      ['/api/aaaLogin.json', '/api/mo/uni.json'],
    );
  });

  it('needs both when there are a CA and fingerprints', async () => {
    await follows({ ca: pair.cert, pinnedSha256: [fingerprint(pair)] });
    const { length } = server.seen;
    await assert.rejects(post({ ca: other.cert, pinnedSha256: [fingerprint(pair)] }), /apic\.caFile/);
    assert.equal(server.seen.length, length);
  });

  it('is not in a certificate for another name, nor in one that has expired', async () => {
    const elsewhere = await selfSigned({ name: 'apic.example.org' });
    server = await setUp.server(elsewhere);
    await assert.rejects(post({ ca: elsewhere.cert }), /not trusted \(ERR_TLS_CERT_ALTNAME_INVALID\)/);
    const old = await selfSigned({ until: new Date('2021-01-01') });
    server = await setUp.server(old);
    await assert.rejects(post({ ca: old.cert }), /not trusted \(CERT_HAS_EXPIRED\)/);
    assert.equal(server.seen.length, 0);
  });

  it('does not wait for ever for a websocket that nobody answers, with a pinned certificate, with a CA or without TLS', async () => {
    const silent = new SilentServer();
    const port = await silent.start();
    const opening = (scheme: string, tls: ApicTls): Promise<void> => {
      const grant = { token: 'token', refreshTimeoutMs: 600_000, lifetimeMs: 6_000_000 };
      const options = {
        session: new ApicSession(`${scheme}://127.0.0.1:${port}`, grant, 0),
        authentication: { socketCookie: () => undefined },
        timeoutMs: 200,
        pingMs: 1000,
        clock: systemClock(),
        onText: () => undefined,
        onDead: () => undefined,
      };
      return openSocket({ ...options, tls }, new AbortController().signal);
    };
    try {
      const late = /the connection timed out \(ETIMEDOUT\)/;
      await assert.rejects(opening('https', { pinnedSha256: [fingerprint(pair)] }), late);
      await assert.rejects(opening('https', { ca: pair.cert }), late);
      await assert.rejects(opening('http', {}), /handshake has timed out/);
    } finally {
      await silent.stop();
    }
  });

  it('in a pinned certificate of nobody who listens is no trouble of trust', async () => {
    await server.stop();
    await assert.rejects(post({ pinnedSha256: [fingerprint(pair)] }), { code: 'APIC_UNREACHABLE' });
    const plain = await setUp.server();
    await assert.rejects(post({ pinnedSha256: [fingerprint(pair)] }, plain.url.replace('http:', 'https:')), {
      code: 'APIC_UNREACHABLE',
    });
  });

  it('cannot be said by what is no fingerprint or no certificate', () => {
    const make = (tls: ApicTls) => () => setUp.client(server.url, { tls });
    assert.throws(
      make({ pinnedSha256: ['12:34'] }),
      /apic\.pinnedSha256: '12:34' is no SHA-256 fingerprint.*openssl x509/,
    );
    assert.throws(make({ pinnedSha256: [fingerprint(pair)], insecure: true }), /contradict each other/);
    assert.throws(make({ ca: 'nothing' }), /holds no certificate; expected PEM/);
    const broken = pair.cert.replace(/[A-Za-z0-9+/]{64}/, 'A'.repeat(64));
    assert.throws(make({ ca: broken }), /holds a certificate that cannot be read/);
  });
});
