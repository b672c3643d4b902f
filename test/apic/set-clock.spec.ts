import assert from 'node:assert/strict';
import { silentLogger } from '#runtime';
import { eventually } from '#support/eventually';
import { ManualClock, settle } from '#support/manual-clock';
import { RelistTimer } from '../../src/apic/relist-timer.js';
import type { ApicReply } from '../../src/apic/reply.js';
import { RequestLimiter } from '../../src/apic/request-limiter.js';
import { Subscriptions } from '../../src/apic/subscriptions.js';
import { forever, SetUp, TENANT, TENANTS } from './client-set-up.js';

const HOUR_MS = 3_600_000;

describe('apic: a clock that is put back', () => {
  const setUp = new SetUp();
  let clock: ManualClock;
  beforeEach(() => {
    clock = new ManualClock();
  });
  afterEach(() => setUp.close());

  it('keeps no subscription from being refreshed', async () => {
    let refreshes = 0;
    const get = (_query: unknown, _about: string, kind: 'reads' | 'refreshes'): Promise<ApicReply> => {
      if (kind === 'refreshes') refreshes += 1;
      return Promise.resolve({ totalCount: 0, objects: [], subscriptionId: '1' });
    };
    const means = { url: 'https://apic', clock, random: () => 0, log: silentLogger, get };
    const subscriptions = new Subscriptions({ ...means, refreshTimeoutSeconds: 60 });
    await subscriptions.subscribe([TENANTS]);
    const stop = new AbortController();
    const kept = subscriptions.keepAlive(stop.signal).catch(() => undefined);
    await clock.advance(10_000);
    clock.set(-HOUR_MS);
    await clock.advance(60_000);
    assert.equal(refreshes, 3, 'one in each third of its life');
    stop.abort(new Error('the test is over'));
    await kept;
  });

  it('ends the life of no session later', async () => {
    const server = await setUp.server();
    server.refreshTimeoutSeconds = '600';
    server.maximumLifetimeSeconds = '600';
    await setUp.client(server.url, { clock }).post('uni', TENANT, forever);
    await clock.advance(300_000);
    await eventually(() => assert.equal(server.of('/api/aaaRefresh.json').length, 1));
    await eventually(() => assert.deepEqual(clock.sleeping, [240_000]));
    clock.set(-HOUR_MS);
    await clock.advance(240_000);
    await eventually(() => assert.equal(server.logins, 2));
  });

  it('keeps nobody from logging in again after a refusal', async () => {
    const server = await setUp.server();
    const client = setUp.client(server.url, { password: 'hush-wrong', clock });
    await assert.rejects(client.post('uni', TENANT, forever), /refuse/);
    clock.set(-HOUR_MS);
    server.password = 'hush-wrong';
    await clock.advance(75_000);
    await client.post('uni', TENANT, forever);
  });

  it('makes no pause longer that the APIC asked for', async () => {
    const limiter = new RequestLimiter({ clock, random: () => 1, log: silentLogger });
    const refused = { overloaded: true, retryAfterMs: 1000 };
    await limiter.run(
      'writes',
      () => Promise.resolve(),
      () => refused,
      forever,
    );
    const begun: string[] = [];
    const ask = (kind: 'writes' | 'reads'): void => {
      const attempt = (): Promise<void> => Promise.resolve(void begun.push(kind));
      void limiter.run(kind, attempt, () => ({ overloaded: false }), forever);
    };
    ask('writes');
    await settle();
    clock.set(-HOUR_MS);
    await clock.advance(1000);
    ask('reads');
    await settle();
    assert.deepEqual(begun, ['writes', 'reads']);
  });

  it('lets no doubt wait longer for a listing', async () => {
    const timer = new RelistTimer({ clock, relistMs: 100_000, doubtMs: 1000, random: () => 0.5 });
    let isDue = false;
    void timer.due(forever).then(() => {
      isDue = true;
    });
    clock.set(-HOUR_MS);
    timer.doubt();
    await clock.advance(1000);
    assert.ok(isDue);
  });
});
