import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { type ApicMock, startApicMock } from '#apic-mock';
import { type Configuration, parseConfiguration } from '#config';
import { silentLogger } from '#runtime';
import { apicPort } from '../../src/cli/gateway-process.js';
import { withApic } from '../../src/cli/picture/apic-objects.js';

const forever = new AbortController().signal;

describe('cli: settings of the APIC, as they reach an APIC', () => {
  let mock: ApicMock;
  let folder: string;
  const file = (name: string): string => join(folder, name);
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'acigw-'));
    mock = await startApicMock({ users: [{ name: 'gateway', password: 'right' }] });
    const pair = await generate([{ name: 'commonName', value: 'gateway' }], {
      keyType: 'rsa',
      keySize: 2048,
      algorithm: 'sha256',
    });
    const dn = 'uni/userext/user-gateway/usercert-acigw.crt';
    mock.load({ aaaUserCert: { attributes: { dn, name: 'acigw.crt', data: pair.cert } } });
    writeFileSync(file('key'), pair.private);
    writeFileSync(file('password'), 'right\n');
    writeFileSync(file('ca'), mock.caCertificate ?? '');
  });
  after(async () => {
    await mock.stop();
    rmSync(folder, { recursive: true });
  });

  const parsed = (more: string): Configuration =>
    parseConfiguration('acigw.yaml', `apic: { urls: ['${mock.url}'], user: gateway, ${more} }`);
  async function tenants(configuration: Configuration): Promise<number> {
    const client = apicPort(configuration, silentLogger, {});
    try {
      return (await client.list({ dn: 'uni', classes: ['fvTenant'] }, forever)).length;
    } finally {
      await client.close();
    }
  }
  const signing = (): string => `certificateName: acigw.crt, keyFile: ${file('key')}`;
  /** Fingerprint of what the simulator shows, which is not its CA. */
  async function shown(): Promise<string> {
    const { connect } = await import('node:tls');
    const { hostname, port } = new URL(mock.url);
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
        const certificate = socket.getPeerX509Certificate();
        socket.destroy();
        if (certificate === undefined) reject(new Error('no certificate'));
        else resolve(new X509Certificate(certificate.raw).fingerprint256);
      });
      socket.on('error', reject);
    });
  }

  it('log in with a password, trusting a CA from a file or from the text', async () => {
    const logins = (): number => mock.counters().logins;
    const before = logins();
    assert.equal(await tenants(parsed(`passwordFile: ${file('password')}, caFile: ${file('ca')}`)), 3);
    const text = JSON.stringify(mock.caCertificate);
    assert.equal(await tenants(parsed(`password: right, ca: ${text}, format: xml`)), 3);
    assert.equal(logins(), before + 2);
    await assert.rejects(tenants(parsed('password: right')), { code: 'APIC_TLS_UNTRUSTED' });
  });

  it('sign, trusting a fingerprint', async () => {
    const pin = await shown();
    const before = mock.counters().logins;
    assert.equal(await tenants(parsed(`${signing()}, pinnedSha256: ['${pin}'], format: xml`)), 3);
    assert.equal(mock.counters().logins, before);
    const other = pin.replace(/^../, (byte) => (byte === '00' ? '01' : '00'));
    await assert.rejects(tenants(parsed(`${signing()}, pinnedSha256: ['${other}']`)), /none of apic\.pinnedSha256/);
  });

  it('give way to those of a command line: a password instead of a key, a CA instead of a text', async () => {
    const base = parsed(`${signing()}, ca: nonsense`);
    const given = withApic(base, { passwordFile: file('password'), ca: file('ca') });
    assert.deepEqual(
      [given.apic?.certificateName, given.apic?.keyFile, given.apic?.ca],
      [undefined, undefined, undefined],
    );
    assert.equal(await tenants(given), 3);
    assert.equal(withApic(base, { user: 'other' }).apic?.certificateName, 'acigw.crt');
  });
});
