import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ApicMock, startApicMock } from '#apic-mock';
import type { WorkContents, WorkQueue } from '#ports';
import { redisContents, redisQueue } from '#queue';
import { silentLogger, systemClock } from '#runtime';
import { ETCD, type EtcdServer, startEtcd } from '#support/etcd-server';
import { APIC_USER, type RunningCommand, startCommand } from '#support/gateway-stack';
import { REDIS, type RedisServer, startRedis } from '#support/redis-server';
import { describeWith } from '#support/requirement';
import { DelegatedWork, encodeWork } from '#workers';
import type { DelegatedItem } from '../../workers/delegation/delegated-work.js';

/** Objects that are written over and over, all about one fabric. */
const NAMES = ['a', 'b', 'c'] as const;
const ROUNDS = 60;
const LEASE_MS = 1_500;

/** A batch that gives an object its next version. Its key changes with the version, as that of a batch of many objects does. */
function batch(name: string, version: number): DelegatedItem {
  const dn = `uni/tn-${name}`;
  const tree = { className: 'fvTenant', attributes: { name, descr: `v${version}` }, children: [] };
  return { key: `batch/${dn}#${version % 2}`, lane: 'fabric', content: encodeWork({ kind: 'batch', dn, tree }) };
}

/** A number from 0 to 1 that a seed decides. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

describeWith([REDIS, ETCD], 'end to end: workers that are killed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'acigw-kills-'));
  const file = join(folder, 'acigw.yaml');
  const log = silentLogger;
  const stopping = new AbortController();
  let redis: RedisServer;
  let etcd: EtcdServer;
  let apic: ApicMock;
  let workers: RunningCommand[];
  let queue: WorkQueue;
  let contents: WorkContents;
  let work: DelegatedWork;
  let running: Promise<void>;

  before(async function () {
    this.timeout(60_000);
    [redis, etcd, apic] = await Promise.all([
      startRedis(),
      startEtcd(),
      startApicMock({ tls: { mode: 'none' }, users: [APIC_USER] }),
    ]);
    writeFileSync(
      file,
      `
clusterId: kills
apic: { urls: ['${apic.url}'], user: ${APIC_USER.name}, password: ${APIC_USER.password}, timeoutSeconds: ${LEASE_MS / 1500} }
store: { kind: etcd, endpoints: ['${etcd.endpoint}'] }
queue: { redis: { url: '${redis.url}', prefix: '{kills}', takeoverSeconds: 1, concurrency: 2 } }
`,
    );
    workers = await Promise.all([startWorker(), startWorker()]);
    const place = { redis: { url: redis.url }, prefix: '{kills}', log };
    const clock = systemClock();
    queue = redisQueue({ ...place, concurrency: 1, takeoverMs: 1_000, clock, random: Math.random });
    contents = redisContents({ ...place, leaseMs: LEASE_MS });
    work = new DelegatedWork({ contents, queue, clock, log, patienceMs: 20_000, tries: 5, onWish: () => undefined });
    running = work.run(stopping.signal);
  });
  after(async function () {
    this.timeout(60_000);
    stopping.abort(new Error('the test is over'));
    await running;
    await queue?.close();
    await contents?.close();
    for (const worker of workers ?? []) await worker.stop();
    await Promise.all([redis?.stop(), etcd?.stop(), apic?.stop()]);
    rmSync(folder, { recursive: true });
  });

  const startWorker = (): Promise<RunningCommand> => startCommand(['worker', '--config', file]);

  /** Versions of an object in the order in which the APIC was asked for them. */
  const asked = (name: string): readonly number[] =>
    apic
      .requestLog()
      .filter(({ method, url }) => method === 'POST' && url.includes(`uni/tn-${name}.json`))
      .map(({ body = '' }) => Number(/"descr":"v(\d+)"/.exec(body)?.[1]));

  /** Writes versions of one object one after another; now and then it changes its mind before one is done. */
  async function writer(name: string, random: () => number, taken: Map<string, number>): Promise<void> {
    for (let version = 1; version <= ROUNDS; version += 1) {
      const impatience = new AbortController();
      const done = work.do([batch(name, version)], impatience.signal);
      const timer =
        random() < 0.15 ? setTimeout(() => impatience.abort(new Error('planned anew')), random() * 60) : undefined;
      const outcome = await done.then(
        (outcomes) => [...outcomes.values()][0],
        () => undefined,
      );
      clearTimeout(timer);
      if (outcome?.kind === 'done') taken.set(name, version);
      else if (version === ROUNDS) version -= 1;
    }
  }

  async function killer(random: () => number, isOver: () => boolean): Promise<number> {
    let kills = 0;
    while (!isOver()) {
      await delay(kills === 0 ? 100 : 200 + random() * 1_200);
      apic.plan({ latencyMilliseconds: Math.round(random() * 40) });
      // The first time somebody is killed, whatever the dice say.
      if (kills === 0 || random() < 0.7) {
        const victim = workers.shift();
        await victim?.kill();
        workers.push(await startWorker());
        kills += 1;
      } else {
        await redis.flush();
      }
    }
    return kills;
  }

  it('an old content never comes after a newer one, and the last one always comes', async () => {
    const seed = Math.floor(Math.random() * 1_000_000);
    const random = dice(seed);
    const taken = new Map<string, number>();
    let isOver = false;
    const killing = killer(random, () => isOver);
    try {
      await Promise.all(NAMES.map((name) => writer(name, random, taken)));
    } finally {
      isOver = true;
    }
    const kills = await killing;
    assert.ok(kills > 0, 'somebody was killed');
    for (const name of NAMES) {
      const versions = asked(name);
      const backwards = versions.filter((version, index) => version < Math.max(...versions.slice(0, index)));
      assert.deepEqual(backwards, [], `tenant ${name}, seed ${seed}: ${versions.join()}`);
      assert.equal(apic.object(`uni/tn-${name}`)?.attributes['descr'], `v${ROUNDS}`, `seed ${seed}`);
      assert.equal(taken.get(name), ROUNDS);
    }
  }).timeout(300_000);
});
