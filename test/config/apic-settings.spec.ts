import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apicCa, apicLogin, type Configuration, parseConfiguration } from '#config';

const PIN = 'ab'.repeat(32);

function parsed(more: string): NonNullable<Configuration['apic']> {
  const { apic } = parseConfiguration('acigw.yaml', `apic: { urls: [https://apic1], ${more} }`);
  assert.ok(apic !== undefined);
  return apic;
}

describe('configuration of the APIC: who asks', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'acigw-'));
    for (const name of ['password', 'key', 'ca']) writeFileSync(join(folder, name), `${name}-text\n`);
  });
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string): string => join(folder, name);

  it('logs in with a password from the environment, else from a file, else from the text', () => {
    const apic = parsed(`passwordFile: ${file('password')}, password: text`);
    assert.deepEqual(apicLogin(apic, { ACIGW_APIC_PASSWORD: 'environment' }), { password: 'environment' });
    assert.deepEqual(apicLogin(apic, {}), { password: 'password-text' });
    assert.deepEqual(apicLogin(parsed('password: text'), { ACIGW_APIC_PASSWORD: '' }), { password: 'text' });
    assert.throws(
      () => apicLogin(parsed(''), {}),
      /no password; .* or sign with apic.certificateName and apic.keyFile/,
    );
  });

  it('signs with the key of a certificate', () => {
    const apic = parsed(`certificateName: acigw.crt, keyFile: ${file('key')}`);
    assert.deepEqual(apicLogin(apic, {}), { certificate: { name: 'acigw.crt', key: 'key-text\n' } });
  });

  const WRONG: readonly (readonly [string, RegExp])[] = [
    ['certificateName: c', /apic\.keyFile: missing; certificateName needs/],
    ['keyFile: k', /apic\.certificateName: missing; keyFile needs/],
    ['certificateName: c, keyFile: k, password: p', /apic\.password: is for a login with a password; .* Use one/],
    ['certificateName: c, keyFile: k, passwordFile: p', /apic\.passwordFile: is for a login/],
    ['certificateName: c, keyFile: k, domain: d', /apic\.domain: is for a login/],
    ['certificateName: "c/../d", keyFile: k', /apic\.certificateName: expected 1 to 64/],
    ['ca: text, caFile: f', /apic\.ca: is the text of what caFile would hold; use one/],
    ['caFile: f, insecureSkipTlsVerify: true', /apic\.insecureSkipTlsVerify: true accepts any certificate/],
    [`pinnedSha256: [${PIN}], insecureSkipTlsVerify: true`, /apic\.insecureSkipTlsVerify: true accepts/],
    ['pinnedSha256: [12:34]', /apic\.pinnedSha256\.0: expected a SHA-256 fingerprint/],
    ['pinnedSha256: []', /apic\.pinnedSha256/],
    ['format: yaml', /apic\.format/],
  ];
  for (const [text, message] of WRONG) {
    it(`refuses ${text.replace(PIN, '…')}, and says what to do`, () => {
      assert.throws(() => parsed(text), message);
    });
  }

  it('refuses a password in the environment beside a key, for it would be used by nobody', () => {
    const apic = parsed(`certificateName: c, keyFile: ${file('key')}`);
    assert.throws(
      () => apicLogin(apic, { ACIGW_APIC_PASSWORD: 'p' }),
      /sign every request, and ACIGW_APIC_PASSWORD is set/,
    );
  });

  it('names the key file that cannot be read', () => {
    const apic = parsed(`certificateName: c, keyFile: ${file('none')}`);
    assert.throws(() => apicLogin(apic, {}), /none: cannot be read/);
  });

  it('takes the CA from a file or from the text, and fingerprints in either spelling', () => {
    assert.equal(apicCa(parsed(`caFile: ${file('ca')}`)), 'ca-text\n');
    assert.equal(apicCa(parsed('ca: text')), 'text');
    assert.equal(apicCa(parsed('')), undefined);
    const colons = PIN.toUpperCase().replace(/..(?=.)/g, '$&:');
    assert.deepEqual(parsed(`pinnedSha256: [${PIN}, "${colons}"]`).pinnedSha256, [PIN, colons]);
  });
});
