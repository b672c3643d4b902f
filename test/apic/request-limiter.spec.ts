import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { startApicMock } from '#apic-mock';
import { managedObject } from '#model/aci';
import { silentLogger } from '#runtime';
import { ManualClock, settle } from '#support/manual-clock';
import { type LoadSign, type RequestKind, RequestLimiter } from '../../src/apic/request-limiter.js';
import { forever, keepingLogger, SetUp, TENANTS } from './client-set-up.js';

const GOOD: LoadSign = { overloaded: false };
const BUSY: LoadSign = { overloaded: true };

/** A limiter on a clock that stands still, and the requests that it let begin, each ended by the test. */
class Desk {
  readonly clock = new ManualClock();
  readonly kept = keepingLogger();
  readonly limiter = new RequestLimiter({ clock: this.clock, random: () => 1, log: this.kept.log });
  /** Names of the requests that are under way, in the order in which they began. */
  readonly begun: string[] = [];
  readonly #ends = new Map<string, (sign: LoadSign) => void>();

  ask(name: string, kind: RequestKind, signal = forever): Promise<LoadSign> {
    const attempt = (): Promise<LoadSign> => {
      this.begun.push(name);
      return new Promise((resolve) => this.#ends.set(name, resolve));
    };
    const sign = (outcome: { readonly value: LoadSign } | { readonly error: unknown }): LoadSign | undefined =>
      'value' in outcome ? outcome.value : undefined;
    return this.limiter.run(kind, attempt, sign, signal);
  }

  async end(name: string, sign: LoadSign = GOOD): Promise<void> {
    this.#ends.get(name)?.(sign);
    this.#ends.delete(name);
    await settle();
  }

  /** Asks for so many, and lets what may begin, begin. */
  async askFor(kind: RequestKind, ...names: readonly string[]): Promise<void> {
    for (const name of names) void this.ask(name, kind);
    await settle();
  }
}

describe('apic: limiter of requests', () => {
  it('lets only so many begin, and the next when one ends', async () => {
    const desk = new Desk();
    await desk.askFor('reads', 'a', 'b', 'c', 'd', 'e', 'f');
    assert.deepEqual(desk.begun, ['a', 'b', 'c', 'd']);
    assert.equal(desk.limiter.waiting, 2);
    await desk.end('b');
    assert.deepEqual(desk.begun, ['a', 'b', 'c', 'd', 'e']);
  });

  it('lets writes before reads, and a read now and then all the same', async () => {
    const desk = new Desk();
    await desk.askFor('reads', 'r1', 'r2', 'r3', 'r4');
    await desk.askFor('reads', 'r5', 'r6');
    const writes = Array.from({ length: 12 }, (_, index) => `w${index}`);
    await desk.askFor('writes', ...writes);
    for (const name of ['r1', 'r2', 'r3', 'r4', ...writes]) await desk.end(name);
    assert.deepEqual(desk.begun, ['r1', 'r2', 'r3', 'r4', ...writes.slice(0, 8), 'r5', ...writes.slice(8), 'r6']);
  });

  it('lets logins and refreshes begin at once, however much waits and whatever the pause', async () => {
    const desk = new Desk();
    await desk.askFor('writes', 'a', 'b', 'c', 'd', 'e');
    await desk.askFor('refreshes', 'token', 'subscription');
    await desk.end('a', { overloaded: true, retryAfterMs: 60_000 });
    await desk.askFor('logins', 'login');
    await desk.askFor('refreshes', 'later');
    assert.deepEqual(desk.begun.slice(4), ['token', 'subscription', 'login', 'later']);
  });

  it('lets nothing else begin during a pause, and goes on by itself with half as much', async () => {
    const desk = new Desk();
    await desk.askFor('writes', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
    await desk.end('a', { overloaded: true, retryAfterMs: 5000 });
    for (const name of ['b', 'c', 'd']) await desk.end(name);
    await desk.clock.advance(4999);
    assert.equal(desk.begun.length, 4);
    await desk.clock.advance(1);
    assert.deepEqual(desk.begun.slice(4), ['e', 'f']);
    assert.deepEqual(desk.clock.sleeping, []);
  });

  it('sends one at a time to an APIC that refuses all, and everything again when it takes it', async () => {
    const desk = new Desk();
    const names = Array.from({ length: 40 }, (_, index) => String(index));
    await desk.askFor('writes', ...names);
    let ended = 0;
    for (let rounds = 0; rounds < 4; rounds += 1) {
      for (; ended < desk.begun.length; ended += 1) await desk.end(String(ended), BUSY);
      // As long as the pause after so many refusals in a row, and not much longer: the next one is under way then.
      await desk.clock.advance(100 * 2 ** rounds + 1);
    }
    assert.equal(desk.limiter.atOnce, 1);
    assert.equal(desk.begun.length, ended + 1);
    for (; ended < names.length; ended += 1) {
      await desk.end(String(ended));
      desk.clock.pass(1);
    }
    assert.equal(desk.limiter.atOnce, 6);
    assert.deepEqual(
      desk.kept.lines.map(([, message]) => message),
      ['the APIC has too much to do; it is asked less', 'the APIC takes everything again'],
    );
  });

  it('does not take a refused login for a sign: the proxy counts those apart', async () => {
    const desk = new Desk();
    await desk.askFor('logins', 'login');
    await desk.end('login', { overloaded: true, retryAfterMs: 60_000 });
    await desk.askFor('reads', 'a');
    assert.equal(desk.limiter.atOnce, 4);
    assert.deepEqual(desk.begun, ['login', 'a']);
  });

  it('forgets a request that is given up while it waits, and wakes up for nobody', async () => {
    const desk = new Desk();
    await desk.askFor('writes', 'a', 'b', 'c', 'd');
    await desk.end('a', { overloaded: true, retryAfterMs: 1000 });
    const stop = new AbortController();
    const given = desk.ask('given up', 'writes', stop.signal);
    await settle();
    assert.equal(desk.clock.sleeping.length, 1);
    stop.abort(new Error('enough'));
    await assert.rejects(given, /enough/);
    for (const name of ['b', 'c', 'd']) await desk.end(name);
    await desk.clock.advance(2000);
    await desk.askFor('writes', 'x', 'y', 'z');
    assert.deepEqual(desk.begun, ['a', 'b', 'c', 'd', 'x', 'y']);
    await assert.rejects(desk.ask('too late', 'reads', stop.signal), /enough/);
    assert.ok(!desk.begun.includes('too late'));
  });

  it('gives the place of a request to the next when it is given up in the moment of its turn', async () => {
    const desk = new Desk();
    await desk.askFor('writes', 'a', 'b', 'c', 'd');
    const stop = new AbortController();
    const given = desk.ask('given up', 'writes', stop.signal);
    void desk.ask('next', 'writes');
    await settle();
    // Its turn comes with the end of `a`; the signal is aborted before it can use it.
    void desk.end('a');
    await Promise.resolve();
    stop.abort(new Error('enough'));
    await given.catch(() => undefined);
    for (const name of ['given up', 'b', 'c', 'd']) await desk.end(name);
    assert.ok(desk.begun.includes('next'));
    await desk.askFor('writes', '1', '2', '3', '4', '5', '6');
    assert.ok(desk.begun.slice(-6).filter((name) => /\d/.test(name)).length >= 3, 'no place is lost');
  });

  it('loses no request when the pause ends in the very moment in which it is looked at', async () => {
    for (let before = 0; before < 6; before += 1) {
      const desk = new Desk();
      await desk.askFor('writes', 'a');
      await desk.end('a', { overloaded: true, retryAfterMs: 1000 });
      // Time goes on by a millisecond with every look at the clock.
      desk.clock.pass(1000 - before);
      const look = desk.clock.uptime.bind(desk.clock);
      desk.clock.uptime = () => {
        desk.clock.pass(1);
        return look();
      };
      await desk.askFor('writes', 'b');
      desk.clock.uptime = look;
      await desk.clock.advance(2000);
      assert.deepEqual(desk.begun, ['a', 'b'], `${before} ms before its end`);
    }
  });

  it('counts a request that failed, and passes its error on', async () => {
    const limiter = new RequestLimiter({ clock: new ManualClock(), random: () => 1, log: silentLogger });
    const fail = (): Promise<never> => Promise.reject(new Error('broken'));
    for (let times = 0; times < 20; times += 1) {
      await assert.rejects(
        limiter.run('writes', fail, () => undefined, forever),
        /broken/,
      );
    }
    assert.equal(limiter.waiting, 0);
    assert.equal(
      await limiter.run(
        'writes',
        () => Promise.resolve(1),
        () => undefined,
        forever,
      ),
      1,
    );
  });

  it('leaves no listener behind with a pause that ends', async () => {
    const made: AbortController[] = [];
    const { AbortController: Original } = globalThis;
    globalThis.AbortController = class extends Original {
      constructor() {
        super();
        made.push(this);
      }
    };
    try {
      const desk = new Desk();
      for (let pauses = 0; pauses < 5; pauses += 1) {
        await desk.askFor('writes', `${pauses} refused`);
        await desk.end(`${pauses} refused`, { overloaded: true, retryAfterMs: 60_000 });
        await desk.askFor('writes', `${pauses} waits`);
        await desk.clock.advance(60_000);
        await desk.end(`${pauses} waits`);
        desk.clock.pass(1);
      }
      assert.equal(desk.begun.length, 10);
      assert.ok(made.length >= 5);
      assert.deepEqual(
        made.flatMap(({ signal }) => getEventListeners(signal, 'abort')),
        [],
      );
    } finally {
      globalThis.AbortController = Original;
    }
  });

  it('leaves no timer behind when it is closed', async () => {
    const desk = new Desk();
    await desk.askFor('writes', 'a', 'b', 'c', 'd', 'e');
    await desk.end('a', { overloaded: true, retryAfterMs: 1000 });
    assert.equal(desk.clock.sleeping.length, 1);
    desk.limiter.close();
    assert.deepEqual(desk.clock.sleeping, []);
  });
});

describe('apic: a busy APIC, over apic-mock', () => {
  const setUp = new SetUp();
  afterEach(() => setUp.close());

  it('gets every write and every read in the end, while it refuses at random', async () => {
    const mock = await startApicMock({ tls: { mode: 'none' }, users: [{ name: 'gateway', password: 'right' }] });
    try {
      const client = setUp.client(mock.url);
      mock.plan({
        latencyMilliseconds: 5,
        failures: [
          { times: 3, status: 503, method: 'POST', urlContains: '/api/mo/', html: true },
          { times: 2, status: 429, method: 'POST', urlContains: '/api/mo/' },
          { times: 1, status: 503, method: 'GET', urlContains: '/api/mo/' },
        ],
      });
      // Whoever calls tries again, as the queue does.
      const persist = async <T>(work: () => Promise<T>): Promise<T> => {
        for (;;) {
          try {
            return await work();
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'APIC_BUSY');
          }
        }
      };
      const names = Array.from({ length: 60 }, (_, index) => `t${index}`);
      await Promise.all([
        ...names.map((name) => persist(() => client.post('uni', managedObject('fvTenant', { name }), forever))),
        persist(() => client.list(TENANTS, forever)),
      ]);
      for (const name of names) assert.ok(mock.object(`uni/tn-${name}`) !== undefined);
      assert.equal(client.requests().writes, 65);
      const slowed = setUp.logged.filter((line) => line.includes('too much to do'));
      assert.ok(slowed.length >= 1);
    } finally {
      await setUp.close();
      await mock.stop();
    }
  });

  it('has no more of our requests in hand than the pace allows', async () => {
    const server = await setUp.server();
    let inHand = 0;
    let most = 0;
    server.script = async ({ method, path }) => {
      if (method !== 'POST' || !path.startsWith('/api/mo')) return undefined;
      inHand += 1;
      most = Math.max(most, inHand);
      await new Promise((resolve) => setImmediate(resolve));
      inHand -= 1;
      return undefined;
    };
    const client = setUp.client(server.url);
    const post = (): Promise<void> => client.post('uni', managedObject('fvTenant', { name: 'a' }), forever);
    await Promise.all(Array.from({ length: 100 }, post));
    assert.ok(most >= 2 && most <= 6, `${most} at once`);
  });

  it('does not make a refresh of the token wait behind writes that hang', async () => {
    const server = await setUp.server();
    server.refreshTimeoutSeconds = '0.2';
    server.script = ({ path }) => (path.startsWith('/api/mo') ? 'silence' : undefined);
    const client = setUp.client(server.url);
    const stop = new AbortController();
    const hanging = Array.from({ length: 20 }, () =>
      client.post('uni', managedObject('fvTenant', { name: 'a' }), stop.signal).catch(() => undefined),
    );
    while (client.requests().refreshes < 3) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(server.logins, 1);
    stop.abort();
    await Promise.all(hanging);
  });
});
