import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { generate } from 'selfsigned';
import { ACIGW } from '#support/gateway-stack';
import { runAcigw } from '#support/run-command';

/** What curl, a client that nobody here wrote, gets. */
async function curl(...args: readonly string[]): Promise<string> {
  const child = spawn('curl', ['--silent', '--show-error', '--max-time', '10', ...args]);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const [code] = (await once(child, 'close')) as [number];
  assert.equal(code, 0, `curl ${args.join(' ')}: exit code ${code}`);
  return text;
}

describe('acigw apic-mock', () => {
  let folder: string;
  let child: ChildProcess | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'acigw-mock-'));
  });
  afterEach(async () => {
    if (child?.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  });

  async function start(...args: readonly string[]): Promise<{ url: string; errors: () => string }> {
    child = spawn(process.execPath, [ACIGW, 'apic-mock', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      errors += piece;
    });
    if (child.stdout === null) throw new Error('no output');
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    assert.match(line, /^ready https?:\/\//);
    return { url: line.slice('ready '.length), errors: () => errors };
  }

  const loginBody = '{"aaaUser":{"attributes":{"name":"bob","pwd":"secret"}}}';

  it('serves curl over TLS with the CA it wrote, a loaded export, a release of choice', async () => {
    const [ca, tree, jar] = ['ca.pem', 'tree.json', 'jar'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const imdata = [{ fvTenant: { attributes: { dn: 'uni/tn-prod', name: 'prod', noSuchProperty: '1' } } }];
    await writeFile(tree, JSON.stringify({ totalCount: '1', imdata }));
    const { url, errors } = await start('--ca-out', ca, '--load', tree, '--user', 'bob:secret', '--version', '5.2(1g)');
    assert.match(await readFile(ca, 'utf8'), /BEGIN CERTIFICATE/);
    const login = await curl('--cacert', ca, '-c', jar, '-d', loginBody, `${url}/api/aaaLogin.json`);
    assert.match(login, /"version":"5\.2\(1g\)"/);
    const tenant = await curl('--cacert', ca, '-b', jar, `${url}/api/mo/uni/tn-prod.json`);
    assert.match(tenant, /"totalCount":"1".*"name":"prod"/);
    assert.match(await curl('--cacert', ca, '-b', jar, `${url}/api/mo/uni/tn-prod.xml`), /<fvTenant [^>]*name="prod"/);
    assert.match(await curl('--cacert', ca, '-X', 'POST', `${url}/mock/reset`), /Cisco APIC/);
    assert.match(errors(), /not simulated, left out: fvTenant\.noSuchProperty/);
    child?.kill('SIGTERM');
    assert.deepEqual(await once(child as ChildProcess, 'exit'), [0, null]);
  });

  it('serves plain HTTP and the control plane when it is asked to', async () => {
    const { url } = await start('--http', '--control', '--controllers', '2', '--user', 'bob:secret');
    assert.equal(await curl('-X', 'POST', `${url}/mock/reset`), '{}');
    const { urls } = JSON.parse(await curl(`${url}/mock/controllers`)) as { urls: readonly string[] };
    assert.equal(urls.length, 2);
    assert.match(await curl('-d', loginBody, `${urls[1]}/api/aaaLogin.json`), /"token":"/);
  });

  it('says what is wrong with its arguments', async () => {
    const [noPem, ownPem, otherKey] = ['no-pem', 'own.pem', 'other-key'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await writeFile(noPem, 'secret\n');
    await writeFile(ownPem, (await generate([{ name: 'commonName', value: 'own' }])).cert);
    await writeFile(otherKey, (await generate([{ name: 'commonName', value: 'other' }])).private);
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['--user', 'nobody'], /--user: expected NAME:PASSWORD, found no colon behind a name\n/],
      [['--tls-cert', 'x.pem'], /--tls-cert and --tls-key go together/],
      [['--load', join(folder, 'none.json')], /none\.json: cannot be read/],
      [['--port', '70000'], /expected a port/],
      [['--controllers', '0'], /expected a whole number of at least 1/],
      [['--http', '--ca-out', 'ca.pem'], /--ca-out: only a certificate that is made at start has a CA/],
      [['--http', '--tls-cert', 'x.pem', '--tls-key', 'y.pem'], /--http: goes without --tls-cert and --tls-key/],
      [['--tls-cert', noPem, '--tls-key', noPem], /no-pem: expected a certificate as PEM/],
      [['--tls-cert', ownPem, '--tls-key', noPem], /no-pem: expected a private key without a passphrase as PEM/],
      [['--tls-cert', ownPem, '--tls-key', otherKey], /other-key: expected the private key of \S+own\.pem as PEM/],
    ];
    for (const [args, reason] of cases) {
      const { exitCode, stderr } = await runAcigw(['apic-mock', ...args]);
      assert.equal(exitCode, 2);
      assert.match(stderr, reason);
    }
  });
});
