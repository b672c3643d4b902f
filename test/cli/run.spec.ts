import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios from 'axios';
import { type ApicMock, startApicMock } from '#apic-mock';
import { type KubeMock, startKubeMock } from '#kube-mock';
import type { Finding } from '#model/policy';
import type { GatewayStatus } from '#ports';
import { eventually } from '#support/eventually';
import { APIC_USER, type RunningCommand, startCommand } from '#support/gateway-stack';
import { runAcigw } from '#support/run-command';

/** A port that nobody listens on. */
async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('acigw run', () => {
  let folder: string;
  let kube: KubeMock;
  let gateway: RunningCommand | undefined;
  let apic: ApicMock | undefined;

  const configure = (apicSettings: string, more = ''): string => {
    const file = join(folder, 'acigw.yaml');
    const text = `clusterId: test\nkubernetes: { url: '${kube.url}' }\napic: ${apicSettings}\napi: { port: 0 }\n${more}`;
    writeFileSync(file, text);
    return file;
  };
  const start = async (apicSettings: string): Promise<RunningCommand> => {
    gateway = await startCommand(['run', '--config', configure(apicSettings)]);
    return gateway;
  };
  const status = async (): Promise<GatewayStatus> =>
    (await axios.get<GatewayStatus>(`${gateway?.ready}/api/v1/status`, { proxy: false })).data;
  /** The lines of stderr that are no information. */
  const complaints = (command: RunningCommand): readonly string[] =>
    command
      .stderr()
      .split('\n')
      .filter((line) => /"level":"(warn|error)"/.test(line));

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'acigw-run-'));
    kube = await startKubeMock();
  });
  afterEach(async () => {
    await gateway?.stop();
    gateway = undefined;
    await apic?.stop();
    apic = undefined;
  });
  after(async () => {
    await kube.stop();
    rmSync(folder, { recursive: true });
  });

  it('a wrong password: one clear line that names the user and not the password, and it keeps running', async () => {
    apic = await startApicMock({ tls: { mode: 'none' }, users: [APIC_USER] });
    const command = await start(`{ urls: ['${apic.url}'], user: ${APIC_USER.name}, password: not-the-password }`);
    await eventually(() => assert.equal(complaints(command).length, 1, command.stderr()), 5000);
    assert.match(command.stderr(), /admin/);
    assert.ok(!command.stderr().includes('not-the-password'));
    assert.ok(!/\n\s+at /.test(command.stderr()), 'no stack trace');
    assert.equal((await status()).converged, false);
  });

  it('an unreachable APIC: one clear line, and it goes on by itself once the APIC is there', async () => {
    const port = await unusedPort();
    const command = await start(
      `{ urls: ['http://127.0.0.1:${port}'], user: ${APIC_USER.name}, password: ${APIC_USER.password} }`,
    );
    await eventually(() => assert.ok(complaints(command).length > 0), 5000);
    assert.match(complaints(command)[0] ?? '', new RegExp(`127\\.0\\.0\\.1:${port}`));
    assert.ok(!/\n\s+at /.test(command.stderr()), 'no stack trace');
    apic = await startApicMock({ port, tls: { mode: 'none' }, users: [APIC_USER] });
    await eventually(async () => assert.ok((await status()).converged), 20_000);
    assert.equal(complaints(command).length, 1, command.stderr());
  }).timeout(40_000);

  it('a self-signed certificate: refused with a line that says how to give the CA; with the CA it converges', async () => {
    apic = await startApicMock({ users: [APIC_USER] });
    const user = `user: ${APIC_USER.name}, password: ${APIC_USER.password}`;
    const command = await start(`{ urls: ['${apic.url}'], ${user} }`);
    await eventually(() => assert.match(command.stderr(), /apic\.caFile/), 5000);
    assert.equal(apic.counters().logins, 0, 'no password went over a connection that was not verified');
    await command.stop();
    const caFile = join(folder, 'ca.pem');
    writeFileSync(caFile, apic.caCertificate ?? '');
    await start(`{ urls: ['${apic.url}'], ${user}, caFile: '${caFile}' }`);
    await eventually(async () => assert.ok((await status()).converged), 20_000);
  }).timeout(40_000);

  it('takes the password from a file or the environment', async () => {
    apic = await startApicMock({ tls: { mode: 'none' }, users: [APIC_USER] });
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, `${APIC_USER.password}\n`);
    await start(`{ urls: ['${apic.url}'], user: ${APIC_USER.name}, passwordFile: '${passwordFile}' }`);
    await eventually(async () => assert.ok((await status()).converged), 10_000);
    const none = await runAcigw(['run', '--config', configure(`{ urls: ['${apic.url}'], user: ${APIC_USER.name} }`)]);
    assert.equal(none.exitCode, 2);
    assert.match(
      none.stderr,
      /^acigw: \S+acigw\.yaml: apic: no password; set apic\.passwordFile, or ACIGW_APIC_PASSWORD/,
    );
  }).timeout(20_000);

  it('bad objects in the cluster are findings, and the rest is done', async () => {
    apic = await startApicMock({ tls: { mode: 'none' }, users: [APIC_USER] });
    const permissive = await startKubeMock({ validate: false });
    try {
      permissive.apply([
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
        {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata: { name: 'bad', namespace: 'shop' },
          spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: 'nonsense' } }] }] },
        },
      ]);
      const file = join(folder, 'bad.yaml');
      const user = `user: ${APIC_USER.name}, password: ${APIC_USER.password}`;
      writeFileSync(
        file,
        `clusterId: test\nkubernetes: { url: '${permissive.url}' }\napic: { urls: ['${apic.url}'], ${user} }\napi: { port: 0 }\n`,
      );
      gateway = await startCommand(['run', '--config', file]);
      await eventually(async () => assert.ok((await status()).converged), 10_000);
      const { data } = await axios.get<Finding[]>(`${gateway.ready}/api/v1/findings`, { proxy: false });
      const finding = data.find(({ code }) => code === 'INVALID_CIDR');
      assert.equal(finding?.object, 'NetworkPolicy/shop/bad');
      assert.match(finding?.message ?? '', /spec\.ingress\[0\]\.from\[0\]\.ipBlock\.cidr: .*nonsense/);
      assert.ok(apic.object('uni/tn-k8s-test/ap-k8s-test/epg-shop') !== undefined);
    } finally {
      await permissive.stop();
    }
  }).timeout(20_000);

  it('says what an admin should have made, and goes on when it is there', async () => {
    apic = await startApicMock({ tls: { mode: 'none' }, users: [APIC_USER] });
    const user = `user: ${APIC_USER.name}, password: ${APIC_USER.password}`;
    const file = configure(`{ urls: ['${apic.url}'], ${user} }`, 'fabric: { tenant: { name: theirs, own: false } }');
    gateway = await startCommand(['run', '--config', file]);
    await eventually(
      async () => assert.match((await status()).waitingFor.join(), /uni\/tn-theirs: an admin should have made it/),
      10_000,
    );
    assert.equal(apic.object('uni/tn-theirs'), undefined, 'it does not make what is the admin’s');
    apic.load({ fvTenant: { attributes: { name: 'theirs' }, children: [] } });
    await eventually(async () => assert.ok((await status()).converged), 10_000);
  }).timeout(30_000);
});
