import assert from 'node:assert/strict';
import type { ApicClientOptions } from '#apic';
import type { FabricScope } from '#ports';
import { eventually } from '#support/eventually';
import { forever, SetUp, TENANT } from './client-set-up.js';
import { RecordingSink } from './recording-sink.js';
import { failed, type ScriptedApic } from './scripted-apic.js';

const TENANT_A: FabricScope = { dn: 'uni/tn-a', classes: ['fvTenant', 'fvBD'] };
const at = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, '0')}.000+00:00`;
const bd = (name: string, more: Record<string, string> = {}) => ({
  className: 'fvBD',
  dn: `uni/tn-a/BD-${name}`,
  ...more,
});

describe('apic: watch', () => {
  const setUp = new SetUp();
  let stop = new AbortController();
  let watches: Promise<void>[] = [];
  beforeEach(() => {
    stop = new AbortController();
    watches = [];
  });
  afterEach(async () => {
    stop.abort();
    await Promise.all(watches);
    await setUp.close();
  });

  function watch(server: ScriptedApic, options: Partial<ApicClientOptions> = {}, scopes = [TENANT_A]) {
    const sink = new RecordingSink();
    const client = setUp.client(server.url, options);
    watches.push(client.watch(scopes, sink, stop.signal));
    return { sink, client };
  }
  const live = (sink: RecordingSink, times = 1) =>
    eventually(() => assert.equal(sink.told.filter((line) => line.startsWith('replaced')).length, times));

  it('opens the socket, subscribes, lists, and then tells every change in order', async () => {
    const server = await setUp.server();
    server.objects = [bd('one')];
    const { sink, client } = watch(server);
    await live(sink);
    const asked = server.seen.map(({ path, query }) => (query.has('subscription') ? 'subscribe' : path));
    assert.deepEqual(asked, ['/api/aaaLogin.json', 'subscribe', '/api/mo/uni/tn-a.json']);
    assert.equal(server.sockets[0]?.token, 'token-1');
    server.push(
      'uni/tn-a',
      bd('two', { status: 'created', name: 'two' }),
      bd('two', { status: 'modified', descr: 'x' }),
      bd('one', { status: 'deleted' }),
      { className: 'fvBD', dn: 'uni/tn-a/BD-three', status: 'created,modified' },
    );
    await eventually(() => assert.equal(sink.changes.length, 4));
    assert.deepEqual(sink.told, [
      'replaced uni/tn-a/BD-one',
      'created uni/tn-a/BD-two',
      'modified uni/tn-a/BD-two',
      'deleted uni/tn-a/BD-one',
      'created uni/tn-a/BD-three',
    ]);
    assert.deepEqual(sink.changes[1]?.attributes, { dn: 'uni/tn-a/BD-two', status: 'modified', descr: 'x' });
    assert.deepEqual(client.requests(), { logins: 1, reads: 2, writes: 0, refreshes: 0 });
  });

  it('keeps pushes that come before the subscription is known and while the listing is on its way', async () => {
    const server = await setUp.server();
    server.script = (request) => {
      if (request.query.get('subscription') === 'yes') {
        const reply = server.answer(request);
        // The push overtakes the answer that names its subscription.
        server.push('uni/tn-a', bd('early', { status: 'created' }));
        return reply;
      }
      if (request.path === '/api/mo/uni/tn-a.json') server.push('uni/tn-a', bd('late', { status: 'created' }));
      return undefined;
    };
    const { sink } = watch(server);
    await eventually(() =>
      assert.deepEqual(sink.told, ['replaced', 'created uni/tn-a/BD-early', 'created uni/tn-a/BD-late']),
    );
  });

  it('does not let an old push undo what the listing says', async () => {
    const server = await setUp.server();
    server.objects = [bd('one', { modTs: at(30), descr: 'new' }), bd('two', { modTs: at(30) })];
    server.script = (request) => {
      if (request.path !== '/api/mo/uni/tn-a.json' || request.query.has('subscription')) return undefined;
      server.push(
        'uni/tn-a',
        bd('one', { status: 'modified', modTs: at(10), descr: 'old' }),
        bd('two', { status: 'deleted', modTs: at(10) }),
        bd('two', { status: 'modified', modTs: at(30), descr: 'same' }),
        bd('one', { status: 'modified', modTs: at(40), descr: 'newest' }),
      );
      return undefined;
    };
    const { sink } = watch(server);
    await eventually(() => assert.equal(sink.changes.length, 2));
    assert.equal(sink.mirror.get('uni/tn-a/BD-one')?.['descr'], 'newest');
    assert.equal(sink.mirror.get('uni/tn-a/BD-two')?.['descr'], 'same');
  });

  it('lists again when a deletion moved objects between pages and the number stayed the same', async () => {
    const server = await setUp.server();
    server.objects = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => bd(name));
    let disturbed = false;
    server.script = ({ query }) => {
      if (query.get('page') === '1' && !disturbed) {
        disturbed = true;
        server.objects = [...server.objects.slice(1), bd('g')];
        server.push('uni/tn-a', bd('a', { status: 'deleted' }), bd('g', { status: 'created' }));
      }
      return undefined;
    };
    const { sink } = watch(server, { pageSize: 2 }, [{ dn: 'uni/tn-a', classes: ['fvBD'] }]);
    await live(sink);
    assert.equal(
      sink.told[0],
      `replaced ${['b', 'c', 'd', 'e', 'f', 'g'].map((name) => `uni/tn-a/BD-${name}`).join(' ')}`,
    );
    await eventually(() => assert.deepEqual([...sink.mirror.keys()].length, 6));
  });

  it('begins anew when the socket is lost: what happened meanwhile is in the new listing', async () => {
    const server = await setUp.server();
    server.objects = [bd('one'), bd('two')];
    const { sink } = watch(server);
    await live(sink);
    server.objects = [bd('two'), bd('three')];
    server.sockets[0]?.socket.terminate();
    await live(sink, 2);
    assert.deepEqual(sink.told, [
      'replaced uni/tn-a/BD-one uni/tn-a/BD-two',
      'lost',
      'replaced uni/tn-a/BD-two uni/tn-a/BD-three',
    ]);
    assert.match(sink.reasons[0] ?? '', /websocket was closed/);
    assert.doesNotMatch(sink.reasons.join() + setUp.logged.join(), /token-/);
    server.push('uni/tn-a', bd('four', { status: 'created' }));
    await eventually(() => assert.equal(sink.told.at(-1), 'created uni/tn-a/BD-four'));
  });

  it('leaves no session behind when it begins anew because its socket was lost', async () => {
    const server = await setUp.server();
    const { sink } = watch(server);
    for (const times of [1, 2, 3]) {
      await live(sink, times);
      server.sockets.at(-1)?.socket.terminate();
    }
    await live(sink, 4);
    assert.equal(server.logins, 4);
    const over = server.of('/api/aaaLogout.json').map(({ token }) => token);
    assert.deepEqual(
      over,
      server.sockets.slice(0, 3).map(({ token }) => token),
    );
  }).timeout(20_000);

  it('notices a socket that is open and dead', async () => {
    const server = await setUp.server();
    const { sink } = watch(server, { pingMs: 30 });
    await live(sink);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(sink.reasons, []);
    server.deaf = true;
    await eventually(() => assert.match(sink.reasons[0] ?? '', /did not answer a ping/));
    server.deaf = false;
    await live(sink, 2);
  });

  it('does not expect pongs from an APIC that never sent one', async () => {
    const server = await setUp.server();
    server.deaf = true;
    const { sink } = watch(server, { pingMs: 10 });
    await live(sink);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(sink.reasons, []);
  });

  it('refreshes every subscription at a third of its life', async () => {
    const server = await setUp.server();
    const scopes = [TENANT_A, { dn: 'uni/infra', classes: ['infraInfra'] }];
    const { sink, client } = watch(server, { refreshTimeoutSeconds: 0.3 }, scopes);
    await live(sink);
    await eventually(() => assert.ok(client.requests().refreshes >= 4));
    const ids = server.of('/api/subscriptionRefresh.json').map(({ query }) => query.get('id'));
    assert.equal(new Set(ids).size, 2);
    assert.deepEqual(sink.reasons, []);
  });

  it('survives one failed refresh, and begins anew after two or when the subscription is unknown', async () => {
    const server = await setUp.server();
    let failures = 1;
    server.script = ({ path }) => {
      if (path !== '/api/subscriptionRefresh.json' || failures === 0) return undefined;
      failures -= 1;
      return failed(503, '503', 'busy');
    };
    const { sink, client } = watch(server, { refreshTimeoutSeconds: 0.3 });
    await eventually(() => assert.ok(client.requests().refreshes >= 3));
    assert.deepEqual(sink.reasons, []);
    failures = 2;
    await live(sink, 2);
    assert.match(sink.reasons[0] ?? '', /busy/);
    server.subscriptions.clear();
    await live(sink, 3);
    assert.match(sink.reasons[1] ?? '', /no such subscription/);
  });

  it('begins anew with a new login when its token is not valid any more', async () => {
    const server = await setUp.server();
    const { sink, client } = watch(server);
    await live(sink);
    server.validTokens.clear();
    await client.post('uni', TENANT, forever);
    await live(sink, 2);
    assert.equal(server.logins, 2);
    assert.equal(server.sockets[1]?.token, server.of('/api/mo/uni.json').at(-1)?.token);
  });

  it('keeps socket and subscriptions through a refresh of the token', async () => {
    const server = await setUp.server();
    server.refreshTimeoutSeconds = '0.2';
    const { sink, client } = watch(server);
    await live(sink);
    await eventually(() => assert.ok(client.requests().refreshes >= 3));
    server.push('uni/tn-a', bd('one', { status: 'created' }));
    await eventually(() => assert.deepEqual(sink.told, ['replaced', 'created uni/tn-a/BD-one']));
    assert.equal(server.sockets.length, 1);
  });

  it('moves to a new session before the old one ends without ever being lost', async () => {
    const server = await setUp.server();
    server.objects = [bd('one')];
    server.maximumLifetimeSeconds = '1';
    const { sink } = watch(server);
    await live(sink);
    server.maximumLifetimeSeconds = '86400';
    await live(sink, 2);
    assert.deepEqual(sink.reasons, []);
    await eventually(() => assert.notEqual(server.sockets[0]?.socket.readyState, 1));
    server.push('uni/tn-a', bd('two', { status: 'created' }));
    await eventually(() => assert.equal(sink.changes.length, 1));
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual(sink.told.slice(2), ['created uni/tn-a/BD-two']);
  });

  it('logs in again when the APIC does not find the socket (405)', async () => {
    const server = await setUp.server();
    let times = 1;
    server.script = ({ query }) => {
      if (query.get('subscription') !== 'yes' || times === 0) return undefined;
      times -= 1;
      return failed(405, '405', 'unable to locate opened web socket');
    };
    const { sink } = watch(server);
    await live(sink);
    assert.equal(server.logins, 2);
    assert.match(sink.reasons[0] ?? '', /unable to locate/);
  });

  it('does not trust a picture that a garbled push left incomplete', async () => {
    const server = await setUp.server();
    const { sink } = watch(server);
    await live(sink);
    server.sockets[0]?.socket.send('{"imdata":');
    await live(sink, 2);
    assert.match(sink.reasons[0] ?? '', /not an event/);
  });

  it('lists anew now and then, since losses are silent', async () => {
    const server = await setUp.server();
    const { sink } = watch(server, { relistMs: 100 });
    await live(sink);
    server.objects = [bd('unseen')];
    await eventually(() => assert.ok(sink.mirror.has('uni/tn-a/BD-unseen')));
    assert.deepEqual(sink.reasons, []);
    assert.equal(server.sockets.length, 1);
  });

  it('comes back by itself after the APIC was away, telling each reason once', async () => {
    const server = await setUp.server();
    server.objects = [bd('one')];
    const port = Number(new URL(server.url).port);
    const { sink } = watch(server);
    await live(sink);
    await server.stop();
    await eventually(() => assert.match(sink.reasons.at(-1) ?? '', /ECONNREFUSED/));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    assert.equal(new Set(sink.reasons).size, sink.reasons.length);
    const again = await setUp.server(undefined, port);
    again.objects = [bd('two')];
    await live(sink, 2);
    assert.deepEqual([...sink.mirror.keys()], ['uni/tn-a/BD-two']);
  });

  it('moves to the next APIC when the one it follows goes away', async () => {
    const first = await setUp.server();
    const second = await setUp.server();
    second.objects = [bd('one')];
    const sink = new RecordingSink();
    watches.push(setUp.client([first.url, second.url]).watch([TENANT_A], sink, stop.signal));
    await live(sink);
    await first.stop();
    await eventually(() => assert.deepEqual([...sink.mirror.keys()], ['uni/tn-a/BD-one']));
  });

  it('gives a second watch a session of its own, since a session has one socket', async () => {
    const server = await setUp.server();
    const { sink, client } = watch(server);
    await live(sink);
    const other = new RecordingSink();
    watches.push(client.watch([{ dn: 'uni/infra', classes: ['infraInfra'] }], other, stop.signal));
    await live(other);
    assert.equal(new Set(server.sockets.map(({ token }) => token)).size, 2);
  });

  it('ends quietly when it is told to, whatever it is doing', async () => {
    for (const path of ['/api/aaaLogin.json', '/api/mo/uni/tn-a.json', 'never']) {
      const server = await setUp.server();
      server.script = (request) => (request.path === path ? 'silence' : undefined);
      const sink = new RecordingSink();
      const halt = new AbortController();
      const watching = setUp.client(server.url).watch([TENANT_A], sink, halt.signal);
      await eventually(() => assert.ok(path === 'never' ? sink.told.length > 0 : server.of(path).length > 0));
      halt.abort();
      await watching;
      assert.deepEqual(sink.reasons, []);
    }
  });
});
