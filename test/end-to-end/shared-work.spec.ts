import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios from 'axios';
import { type ApicMock, startApicMock } from '#apic-mock';
import { startGateway } from '#cli';
import { parseConfiguration } from '#config';
import { type KubeMock, startKubeMock } from '#kube-mock';
import type { KubernetesObject } from '#model/kubernetes';
import type { GatewayStatus } from '#ports';
import { silentLogger } from '#runtime';
import { ETCD, type EtcdServer, startEtcd } from '#support/etcd-server';
import { eventually } from '#support/eventually';
import { APIC_USER, type RunningCommand, startCommand } from '#support/gateway-stack';
import { REDIS, type RedisServer, startRedis } from '#support/redis-server';
import { describeWith } from '#support/requirement';
import { runAcigw } from '#support/run-command';

const PROFILE = 'uni/tn-k8s-test/ap-k8s-test';

/** Objects of a namespace whose pods may be reached at a port. */
const shop = (name: string, port: number): readonly KubernetesObject[] => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: name, labels: { app: 'web' } },
    spec: { containers: [{ name: 'c', image: 'none' }] },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'web', namespace: name },
    spec: { podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }], ports: [{ port }] }] },
  },
];

describeWith([REDIS, ETCD], 'end to end: a gateway and workers on one Redis', () => {
  const folder = mkdtempSync(join(tmpdir(), 'acigw-shared-'));
  const file = join(folder, 'acigw.yaml');
  let redis: RedisServer;
  let etcd: EtcdServer;
  let kube: KubeMock;
  let apic: ApicMock;
  let gateway: RunningCommand;
  let workers: RunningCommand[];

  const configuration = (queue: string): string => `
clusterId: test
kubernetes: { url: '${kube.url}' }
apic: { urls: ['${apic.url}'], user: ${APIC_USER.name}, password: ${APIC_USER.password}, timeoutSeconds: 4 }
store: { kind: etcd, endpoints: ['${etcd.endpoint}'] }
api: { port: 0 }
log: { level: info }
${queue}
`;
  const startGatewayProcess = (): Promise<RunningCommand> => startCommand(['run', '--config', file]);
  const startWorker = (): Promise<RunningCommand> => startCommand(['worker', '--config', file, '--concurrency', '2']);
  const waitingFor = async (): Promise<GatewayStatus> =>
    (await axios.get<GatewayStatus>(`${gateway.ready}/api/v1/status`, { proxy: false })).data;
  const converged = (): Promise<void> =>
    eventually(async () => {
      const { converged: isThere, waitingFor: reasons } = await waitingFor();
      assert.ok(isThere, `${reasons.join()}\n${gateway.stderr().slice(-2000)}`);
    }, 60_000);
  const apply = (name: string, port: number): void => kube.apply(shop(name, port));
  const writes = (): number =>
    apic.requestLog().filter(({ method, url }) => method === 'POST' && url.includes('/api/mo/uni')).length;
  const queueOf = async (...args: string[]): Promise<Awaited<ReturnType<typeof runAcigw>>> =>
    runAcigw(['queue', ...args, '--config', file]);

  before(async function () {
    this.timeout(60_000);
    [redis, etcd, kube, apic] = await Promise.all([
      startRedis(),
      startEtcd(),
      startKubeMock(),
      startApicMock({ tls: { mode: 'none' }, users: [APIC_USER] }),
    ]);
    writeFileSync(file, configuration(`queue: { redis: { url: '${redis.url}', concurrency: 0, takeoverSeconds: 1 } }`));
    workers = await Promise.all([startWorker(), startWorker()]);
    for (const name of ['one', 'two', 'three']) apply(name, 80);
    gateway = await startGatewayProcess();
    await converged();
  });
  after(async function () {
    this.timeout(60_000);
    await gateway?.stop();
    for (const worker of workers ?? []) await worker.stop();
    await Promise.all([redis?.stop(), etcd?.stop(), kube?.stop(), apic?.stop()]);
    rmSync(folder, { recursive: true });
  });

  /** A plain gateway finds nothing to write: what the workers made is what it would make. */
  async function nothingLeft(): Promise<void> {
    await gateway.stop();
    const before = writes();
    const plain = await startGateway(parseConfiguration('test', configuration('')), silentLogger, {});
    await eventually(() => assert.ok(plain.state.status().converged, plain.state.status().waitingFor.join()), 20_000);
    await plain.stop();
    assert.equal(writes(), before);
    gateway = await startGatewayProcess();
    await converged();
    assert.equal(writes(), before, 'nor does the gateway itself after its restart');
  }

  it('converges by the workers alone, and a restart writes nothing', async () => {
    assert.ok(writes() > 0);
    const { stdout } = await queueOf('--output', 'json');
    const { schema, prefix, counts, deadLetters } = JSON.parse(stdout) as Record<string, unknown>;
    assert.equal(schema, 'acigw.queue/v1');
    assert.equal(prefix, '{acigw-test}');
    assert.deepEqual(deadLetters, []);
    const { done, waiting, running } = counts as Record<string, number>;
    assert.ok((done ?? 0) >= writes(), `${done} runs for ${writes()} writes and the policies of the nodes`);
    assert.deepEqual([waiting, running], [0, 0]);
    await nothingLeft();
  }).timeout(120_000);

  it('loses nothing when a worker is killed in the middle of its work, and the other one takes over', async () => {
    for (let round = 0; round < 3; round += 1) {
      apic.plan({ latencyMilliseconds: 300 });
      apply('one', 8000 + round);
      await new Promise((resolve) => setTimeout(resolve, 150 + 120 * round));
      const [victim, other] = workers;
      await victim?.kill();
      apic.endFaults();
      await converged();
      workers = [...(other === undefined ? [] : [other]), await startWorker()];
    }
    await nothingLeft();
  }).timeout(120_000);

  it('goes on when the gateway is killed in the middle, and a new one takes over', async () => {
    apic.plan({ latencyMilliseconds: 300 });
    apply('two', 9000);
    await new Promise((resolve) => setTimeout(resolve, 400));
    await gateway.kill();
    apic.endFaults();
    apply('two', 9001);
    gateway = await startGatewayProcess();
    await converged();
    await nothingLeft();
  }).timeout(120_000);

  it('fills an emptied Redis again under load, and survives one that was killed', async () => {
    for (let round = 0; round < 4; round += 1) {
      apic.plan({ latencyMilliseconds: 100 });
      apply('three', 7000 + round);
      apply(`more-${round}`, 80);
      await new Promise((resolve) => setTimeout(resolve, 60 + 90 * round));
      if (round < 3) await redis.flush();
      else {
        await redis.kill();
        await redis.start();
      }
      apic.endFaults();
      await converged();
    }
    await nothingLeft();
  }).timeout(120_000);

  it('says that nobody works, stops nevertheless, and has it done once somebody does', async () => {
    for (const worker of workers) await worker.stop();
    apply('one', 6000);
    await eventually(async () => assert.ok(!(await waitingFor()).converged), 10_000);
    const began = Date.now();
    await gateway.stop();
    assert.ok(Date.now() - began < 8_000, `stopped after ${Date.now() - began} ms`);
    const before = writes();
    gateway = await startGatewayProcess();
    await eventually(async () => assert.ok(!(await waitingFor()).converged), 10_000);
    assert.equal(writes(), before);
    workers = await Promise.all([startWorker(), startWorker()]);
    await converged();
    await nothingLeft();
  }).timeout(120_000);

  it('keeps a letter of what the APIC refuses until somebody has it tried again', async () => {
    apic.plan({
      failures: [
        { times: 1000, status: 400, code: 121, text: 'refused by the test', method: 'POST', urlContains: 'uni/tn-' },
      ],
    });
    kube.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'refused' } }]);
    apply('refused', 80);
    const letters = await eventually(async () => {
      const { stdout } = await queueOf('--output', 'json');
      const found = (JSON.parse(stdout) as { deadLetters: { key: string; code: string; reason: string }[] })
        .deadLetters;
      assert.ok(
        found.some(({ key }) => key === `batch/${PROFILE}/epg-refused`),
        stdout,
      );
      return found;
    }, 30_000);
    assert.ok(letters.every(({ code, reason }) => code === 'APIC_REJECTED' && reason.includes('refused by the test')));
    const shown = await queueOf();
    assert.match(shown.stdout, /epg-refused +APIC_REJECTED +1 +\d{4}-\d\d-\d\dT/);
    apic.endFaults();
    const wrong = await queueOf('retry', 'batch/nothing');
    assert.equal(wrong.exitCode, 2);
    assert.match(wrong.stderr, /nothing was set aside under 'batch\/nothing'/);
    const { stdout, exitCode } = await queueOf('retry', '--all');
    assert.equal(exitCode, 0);
    assert.match(stdout, /^\d+ to be tried again\n$/);
    await eventually(() => assert.ok(apic.object(`${PROFILE}/epg-refused`) !== undefined), 20_000);
    await converged();
    await eventually(async () => assert.match((await queueOf('--output', 'json')).stdout, /"deadLetters":\[\]/));
    await nothingLeft();
  }).timeout(120_000);
});
