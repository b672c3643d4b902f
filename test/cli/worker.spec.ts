import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '#support/eventually';
import { startCommand } from '#support/gateway-stack';
import { runAcigw } from '#support/run-command';

/** Nothing listens there. */
const NOWHERE = '127.0.0.1:9';
const APIC = `apic: { urls: ['http://${NOWHERE}'], password: x }`;
const STORE = `store: { kind: etcd, endpoints: ['http://${NOWHERE}'] }`;
const REDIS = `queue: { redis: { url: 'redis://${NOWHERE}' } }`;

describe('acigw worker and acigw queue', () => {
  const folder = mkdtempSync(join(tmpdir(), 'acigw-worker-'));
  after(() => rmSync(folder, { recursive: true }));

  const configured = (...lines: readonly string[]): string => {
    const file = join(folder, 'acigw.yaml');
    writeFileSync(file, `${lines.join('\n')}\n`);
    return file;
  };

  const refusals: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['without Redis', [APIC, STORE], /queue\.redis\.url: missing; a worker takes its work from Redis/],
    ['without an APIC', [STORE, REDIS], /apic: missing; set apic\.urls/],
    [
      'with a store in memory',
      [APIC, REDIS],
      /store\.kind: a worker needs a store that the gateway shares; set kind: etcd/,
    ],
    [
      'with a URL of something else',
      [`queue: { redis: { url: 'http://${NOWHERE}' } }`],
      /queue\.redis\.url: expected a redis or rediss URL/,
    ],
    [
      'with a CA and no TLS',
      [APIC, STORE, `queue: { redis: { url: 'redis://${NOWHERE}', caFile: ca.pem } }`],
      /queue\.redis\.caFile: only a rediss:\/\/ URL/,
    ],
  ];
  for (const [title, lines, message] of refusals) {
    it(`a worker ${title} ends with 2 and says what to set`, async () => {
      const { exitCode, stderr, stdout } = await runAcigw(['worker', '--config', configured(...lines)]);
      assert.equal(exitCode, 2, stderr);
      assert.match(stderr, message);
      assert.equal(stdout, '');
    });
  }

  it('a worker waits for a Redis that is away, and stops in order', async () => {
    const worker = await startCommand(['worker', '--config', configured(APIC, STORE, REDIS)]);
    assert.equal(worker.ready, '{acigw-kubernetes}');
    await eventually(() => assert.match(worker.stderr(), /the work queue cannot be reached; going on trying/));
    await worker.stop();
  }).timeout(30_000);

  it('the queue of a gateway without Redis is shown by the gateway itself', async () => {
    const { exitCode, stderr } = await runAcigw(['queue', '--config', configured(APIC)]);
    assert.equal(exitCode, 2);
    assert.match(stderr, /queue\.redis\.url: missing; without Redis .*\/api\/v1\/findings/);
  });

  it('refuses arguments that say nothing, before it asks Redis', async () => {
    const file = configured(REDIS);
    for (const [args, message] of [
      [['again'], /unknown action 'again'; expected nothing, or retry/],
      [['retry'], /expected a KEY of the list, or --all/],
      [['retry', 'a', '--all'], /expected a KEY of the list, or --all/],
    ] as const) {
      const { exitCode, stderr } = await runAcigw(['queue', ...args, '--config', file]);
      assert.equal(exitCode, 2);
      assert.match(stderr, message);
    }
  });

  it('says that Redis cannot be reached', async () => {
    const { exitCode, stderr } = await runAcigw(['queue', '--config', configured(REDIS)]);
    assert.equal(exitCode, 1);
    assert.match(stderr, /^acigw: Redis at 127\.0\.0\.1:9: .*ECONNREFUSED/);
  }).timeout(30_000);
});
