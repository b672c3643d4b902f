import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { type ApicMock, startApicMock } from '#apic-mock';
import { type Configuration, parseConfiguration } from '#config';
import { managedObject } from '#model/aci';
import type { ApicPort } from '#ports';
import { silentLogger } from '#runtime';
import { apicPort } from '../../src/cli/gateway-process.js';
import { withApic } from '../../src/cli/picture/apic-objects.js';
import { ScriptedApic } from '../apic/scripted-apic.js';

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

  describe('changed on disk while the process runs', () => {
    let client: ApicPort | undefined;
    let server: ScriptedApic;
    const open = (more: string): ApicPort => {
      const text = `apic: { urls: ['${server.url}'], user: gateway, ${more} }`;
      client = apicPort(parseConfiguration('acigw.yaml', text), silentLogger, {});
      return client;
    };
    const post = (port: ApicPort): Promise<void> => port.post('uni', managedObject('fvTenant', { name: 'a' }), forever);
    const pairOf = async () => {
      const { cert, private: key } = await generate([{ name: 'commonName', value: 'apic' }], {
        algorithm: 'sha256',
        extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
      });
      return { cert, key };
    };
    afterEach(async () => {
      await client?.close();
      await server.stop();
    });

    it('a password counts from the next login on', async () => {
      server = await new ScriptedApic().start();
      writeFileSync(file('changed'), 'right\n');
      const port = open(`passwordFile: ${file('changed')}`);
      await post(port);
      server.password = 'newer';
      writeFileSync(file('changed'), 'newer\n');
      server.validTokens.clear();
      await post(port);
      // It may be away for a moment: then it is what it was.
      rmSync(file('changed'));
      server.validTokens.clear();
      await post(port);
      assert.equal(server.logins, 3);
    });

    it('a CA counts from the next connection on', async () => {
      const [before, after] = [await pairOf(), await pairOf()];
      server = await new ScriptedApic(before).start();
      writeFileSync(file('changed'), before.cert);
      const port = open(`password: right, caFile: ${file('changed')}`);
      await post(port);
      const { port: number } = new URL(server.url);
      await server.stop();
      server = await new ScriptedApic(after).start(Number(number));
      writeFileSync(file('changed'), after.cert);
      await post(port);
      assert.equal(server.logins, 1);
    });
  });

  it('a key that was changed on disk while the process runs counts from the next login on', async () => {
    const pair = await generate([{ name: 'commonName', value: 'gateway' }], { keyType: 'rsa', keySize: 2048 });
    const client = apicPort(parsed(`${signing()}, caFile: ${file('ca')}`), silentLogger, {});
    const list = () => client.list({ dn: 'uni', classes: ['fvTenant'] }, forever);
    try {
      assert.equal((await list()).length, 3);
      const dn = 'uni/userext/user-gateway/usercert-acigw.crt';
      mock.load({ aaaUserCert: { attributes: { dn, name: 'acigw.crt', data: pair.cert } } });
      writeFileSync(file('key'), pair.private);
      assert.equal((await list()).length, 3);
    } finally {
      await client.close();
    }
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
