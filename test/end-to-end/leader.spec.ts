import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import axios from 'axios';
import { type ApicMock, startApicMock } from '#apic-mock';
import { type KubeMock, startKubeMock } from '#kube-mock';
import { textAt } from '#model/kubernetes';
import { eventually } from '#support/eventually';
import { ACIGW, APIC_USER, type RunningCommand, startCommand } from '#support/gateway-stack';

const LEASE_SECONDS = 5;

describe('end to end: two gateways of one cluster, one of which leads', function () {
  this.timeout(90_000);
  let kube: KubeMock;
  let apic: ApicMock;
  let folder: string;
  let config: string;
  const running: RunningCommand[] = [];

  beforeEach(async () => {
    kube = await startKubeMock();
    apic = await startApicMock({ tls: { mode: 'none' }, users: [APIC_USER] });
    folder = mkdtempSync(join(tmpdir(), 'acigw-leader-'));
    config = join(folder, 'acigw.yaml');
    writeFileSync(
      config,
      `
clusterId: test
kubernetes: { url: '${kube.url}' }
leaderElection: { namespace: default, leaseSeconds: ${LEASE_SECONDS} }
apic: { urls: ['${apic.url}'], user: ${APIC_USER.name}, password: ${APIC_USER.password} }
api: { port: 0 }
log: { level: warn }
`,
    );
  });
  afterEach(async () => {
    for (const one of running.splice(0)) {
      one.resume();
      await one.kill();
    }
    await apic.stop();
    await kube.stop();
    rmSync(folder, { recursive: true });
  });

  /** Resolves when it leads. */
  const start = async (): Promise<RunningCommand> => {
    const one = await startCommand(['run', '--config', config]);
    running.push(one);
    return one;
  };
  const addNamespace = (name: string): void =>
    kube.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }]);
  const hasGroup = (name: string): boolean => apic.object(`uni/tn-k8s-test/ap-k8s-test/epg-${name}`) !== undefined;
  const writes = (): number =>
    apic.requestLog().filter(({ method, url }) => method === 'POST' && url.includes('/api/mo/')).length;
  const holder = (): string => textAt(kube.objects('leases.coordination.k8s.io')[0], 'spec', 'holderIdentity') ?? '';

  it('the other one leads when the first is killed, and has nothing to write; and at once when it is stopped', async () => {
    const first = await start();
    await eventually(async () => assert.equal((await axios.get(`${first.ready}/readyz`)).status, 200), 20_000);
    const [before, led] = [writes(), holder()];
    const second = start();
    await new Promise((resolve) => setTimeout(resolve, LEASE_SECONDS * 1000 + 1000));
    assert.equal(holder(), led, 'a leader that is well stays');
    await first.kill();
    const killedAt = Date.now();
    const next = await second;
    assert.ok(Date.now() - killedAt > (LEASE_SECONDS * 1000) / 2, 'not before the lease has ended');
    await eventually(async () => assert.equal((await axios.get(`${next.ready}/readyz`)).status, 200), 20_000);
    assert.equal(writes(), before);
    const third = start();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    await next.stop();
    await third;
    assert.equal(textAt(kube.objects('leases.coordination.k8s.io')[0], 'spec', 'holderIdentity'), holder());
    addNamespace('late');
    await eventually(() => assert.ok(hasGroup('late')), 20_000);
  });

  it('who was suspended for longer than its lease writes nothing, and ends', async () => {
    const first = await start();
    await eventually(() => assert.ok(hasGroup('default')), 20_000);
    const second = start();
    first.pause();
    addNamespace('meanwhile');
    await second;
    await eventually(() => assert.ok(hasGroup('meanwhile')), 20_000);
    const led = holder();
    first.resume();
    assert.equal(await first.ended(), 1);
    assert.match(first.stderr(), /does not lead any more/);
    assert.equal(holder(), led);
  });

  it('who stands by says so, and is well', async () => {
    await start();
    const child = spawn(process.execPath, [ACIGW, 'run', '--config', config], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const line = String((await lines.next()).value);
      assert.match(line, /^standby http/);
      const url = line.slice('standby '.length);
      const get = (path: string) => axios.get<Record<string, unknown>>(`${url}${path}`, { validateStatus: () => true });
      assert.equal((await get('/healthz')).status, 200);
      await eventually(async () => assert.deepEqual((await get('/readyz')).data, { standby: true, leader: holder() }));
      const status = await get('/api/v1/status');
      assert.deepEqual([status.status, status.data], [503, { error: `this gateway stands by: ${holder()} leads` }]);
      assert.match((await axios.get<string>(`${url}/metrics`)).data, /^acigw_leader 0$/m);
    } finally {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      assert.equal(await ended, 0);
    }
  });
});
