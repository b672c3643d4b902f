import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { type ClusterSourceOptions, clusterSource } from '#kubernetes';
import { type Clock, WATCHED_RESOURCES } from '#ports';
import { silentLogger, systemClock } from '#runtime';
import { eventually } from '#support/eventually';
import { RecordingClusterSink } from './recording-cluster-sink.js';
import { bookmark, event, ScriptedApiServer, statusBody } from './scripted-api-server.js';

describe('kubernetes: reflector', () => {
  let server: ScriptedApiServer;
  let stop: AbortController;
  let runs: Promise<void>[];
  beforeEach(async () => {
    server = await new ScriptedApiServer().start();
    stop = new AbortController();
    runs = [];
  });
  afterEach(async () => {
    stop.abort();
    await Promise.all(runs);
    await server.stop();
  });

  function run(timing: ClusterSourceOptions['timing'] = {}, clock: Clock = systemClock()): RecordingClusterSink {
    const sink = new RecordingClusterSink();
    const source = clusterSource({
      target: { url: server.url },
      log: silentLogger,
      clock,
      random: () => 0,
      timing: { backoffBaseMs: 20, backoffMaxMs: 100, ...timing },
    });
    runs.push(source.run(sink, stop.signal));
    return sink;
  }
  const watching = (count = 1) => eventually(() => assert.equal(server.watches.length, count));

  it('lists every resource page by page, then tells its changes', async () => {
    server.pods = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, resourceVersion: '1' }));
    const sink = run({ pageSize: 2 });
    await watching();
    assert.deepEqual([...sink.synced].sort(), [...WATCHED_RESOURCES].sort());
    assert.equal(server.lists('/apis/networking.k8s.io/v1/networkpolicies').length, 1);
    assert.deepEqual(
      server.lists().map(({ query }) => query.get('limit')),
      ['2', '2', '2'],
    );
    server.send(event('ADDED', 'f', '101') + event('MODIFIED', 'a', '102') + event('DELETED', 'b', '103'));
    await eventually(() => assert.equal(sink.told.length, 4));
    assert.deepEqual(sink.told, ['replaced a b c d e', 'changed f', 'changed a', 'removed b']);
  });

  it('hands over objects with kind and apiVersion and without managedFields', async () => {
    server.pods = [{ name: 'a', resourceVersion: '1' }];
    const sink = run();
    await watching();
    server.send(event('ADDED', 'b', '101'));
    await eventually(() => assert.equal(sink.pods.size, 2));
    for (const pod of sink.pods.values()) {
      assert.equal(pod.kind, 'Pod');
      assert.equal(pod.apiVersion, 'v1');
      assert.deepEqual(Object.keys(pod.metadata).sort(), ['name', 'namespace', 'resourceVersion']);
      assert.deepEqual(pod['spec'], { nodeName: 'n1' });
    }
  });

  it('asks for bookmarks and for an end in five to ten minutes', async () => {
    run();
    await watching();
    const query = server.watchCalls()[0]?.query;
    assert.equal(query?.get('allowWatchBookmarks'), 'true');
    assert.equal(query.get('resourceVersion'), '100');
    assert.ok(Number(query.get('timeoutSeconds')) >= 300 && Number(query.get('timeoutSeconds')) <= 600);
  });

  it('goes on at once from the last event or bookmark when the server closes', async () => {
    const sink = run();
    await watching();
    server.send(event('ADDED', 'a', '101'));
    server.watches[0]?.end();
    await watching(2);
    server.send(bookmark('250'));
    server.watches[1]?.end();
    await watching(3);
    assert.deepEqual(
      server.watchCalls().map(({ query }) => query.get('resourceVersion')),
      ['100', '101', '250'],
    );
    assert.equal(sink.lists, 1);
    assert.deepEqual(sink.troubles, []);
  });

  it('does not hammer a server that closes every watch at once', async () => {
    server.script = (call, response) => {
      if (call.watch) response.end();
      return call.watch;
    };
    run({ backoffBaseMs: 50, backoffMaxMs: 200 });
    await new Promise((resolve) => setTimeout(resolve, 400));
    const { length } = server.watchCalls();
    assert.ok(length >= 2 && length <= 8, `${length} watches in 400 ms`);
  });

  it('lists anew when its version expired: told by an event', async () => {
    const sink = run();
    await watching();
    server.pods = [{ name: 'b', resourceVersion: '190' }];
    server.version = '200';
    server.send(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old' } })}\n`);
    await watching(2);
    assert.deepEqual(sink.told, ['replaced', 'replaced b']);
    assert.equal(server.watchCalls()[1]?.query.get('resourceVersion'), '200');
    assert.deepEqual(sink.troubles, []);
  });

  it('lists anew when its version expired: told by the status, and slows down when that repeats', async () => {
    let refusals = 1;
    server.script = (call, response) => {
      if (!call.watch || call.path !== '/api/v1/pods' || refusals === 0) return false;
      refusals -= 1;
      response.writeHead(410).end(statusBody(410, 'Expired', 'too old resource version'));
      return true;
    };
    const sink = run({ backoffBaseMs: 60, backoffMaxMs: 200 });
    await watching();
    assert.equal(sink.lists, 2);
    assert.deepEqual(sink.troubles, []);
    refusals = 1000;
    const before = server.lists().length;
    server.watches[0]?.destroy();
    await new Promise((resolve) => setTimeout(resolve, 400));
    const lists = server.lists().length - before;
    assert.ok(lists >= 2 && lists <= 8, `${lists} lists in 400 ms`);
  });

  it('begins a list anew when it expired between two pages', async () => {
    server.pods = ['a', 'b', 'c'].map((name) => ({ name, resourceVersion: '1' }));
    let refusals = 2;
    server.script = (call, response) => {
      if (!call.query.has('continue') || refusals === 0) return false;
      refusals -= 1;
      response.writeHead(410).end(statusBody(410, 'Expired', 'the continue token is too old'));
      return true;
    };
    const sink = run({ pageSize: 2 });
    await eventually(() => assert.deepEqual(sink.told, ['replaced a b c']));
    assert.deepEqual(
      server.lists().map(({ query }) => query.get('limit')),
      ['2', '2', '2', '2', null],
    );
  });

  it('goes on from where it was when the connection breaks inside a line', async () => {
    const sink = run();
    await watching();
    server.send(event('ADDED', 'a', '101'));
    server.send(event('ADDED', 'b', '102').slice(0, 30));
    await eventually(() => assert.deepEqual(sink.told, ['replaced', 'changed a']));
    server.watches[0]?.destroy();
    await watching(2);
    server.send(event('ADDED', 'b', '102'));
    await eventually(() => assert.deepEqual(sink.told, ['replaced', 'changed a', 'changed b']));
    assert.equal(server.watchCalls()[1]?.query.get('resourceVersion'), '101');
    assert.equal(sink.troubles.length, 2);
    assert.match(sink.troubles[0] ?? '', /\/api\/v1\/pods.*the watch broke/);
    assert.equal(sink.troubles[1], undefined);
  });

  it('does the same when the server ends in good order inside a line', async () => {
    const sink = run();
    await watching();
    server.send(event('ADDED', 'b', '102').slice(0, 30));
    server.watches[0]?.end();
    await watching(2);
    assert.match(sink.troubles[0] ?? '', /ended inside a line/);
    assert.equal(server.watchCalls()[1]?.query.get('resourceVersion'), '100');
  });

  it('reports a line that it cannot read and lists anew, since a change is missing', async () => {
    const garbage = [
      'not json\n',
      '[]\n',
      '{"type":"ADDED"}\n',
      '{"type":"NEW","object":{"metadata":{"resourceVersion":"1"}}}\n',
    ];
    const sink = run();
    for (const [index, line] of garbage.entries()) {
      await watching(index + 1);
      server.send(line);
    }
    await watching(garbage.length + 1);
    assert.equal(sink.lists, garbage.length + 1);
    const reasons = sink.troubles.filter((reason) => reason !== undefined);
    assert.equal(reasons.length, garbage.length);
    for (const reason of reasons) assert.match(reason, /\/api\/v1\/pods: the watch sent/);
    assert.equal(sink.troubles.at(-1), undefined);
  });

  it('reads characters that are split between chunks, and lines that are', async () => {
    const sink = run();
    await watching();
    const bytes = Buffer.from(event('ADDED', 'käse-😀', '101'));
    for (const byte of bytes) {
      server.send(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually(() => assert.ok(sink.pods.has('käse-😀')));
  });

  it('begins a watch anew that has said nothing for too long, without calling it trouble', async () => {
    const sink = run({ inactivityMs: 60 });
    await eventually(() => assert.ok(server.watches.length >= 3));
    assert.equal(sink.lists, 1);
    assert.deepEqual(sink.troubles, []);
  });

  it('does without policies of other tiers where the cluster has none of them, until it has', async () => {
    const path = '/apis/policy.networking.k8s.io/v1alpha2/clusternetworkpolicies';
    let served = false;
    let closeWatch = (): void => {};
    server.script = (call, response) => {
      if (call.path !== path) return false;
      if (!served) response.writeHead(404).end('404 page not found');
      else if (call.watch) closeWatch = () => void response.end();
      else {
        const item = { metadata: { name: 'guard', resourceVersion: '7' }, spec: {} };
        response.end(JSON.stringify({ metadata: { resourceVersion: '7' }, items: [item] }));
      }
      return true;
    };
    const sink = run({ absentMs: 20 });
    await eventually(() => assert.ok(server.lists(path).length >= 3));
    assert.deepEqual([...sink.synced].sort(), [...WATCHED_RESOURCES].sort());
    assert.deepEqual(sink.clusterPolicies, [[]], 'said once, though asked again');
    assert.deepEqual(sink.troubles, []);
    served = true;
    await eventually(() => assert.deepEqual(sink.clusterPolicies, [[], ['guard']]));
    await eventually(() => assert.equal(server.watchCalls(path).length, 1));
    served = false;
    closeWatch();
    await eventually(() => assert.deepEqual(sink.clusterPolicies, [[], ['guard'], []]));
    assert.deepEqual(sink.troubles, []);
  });

  it('says what is refused, keeps trying, and says when it works again', async () => {
    let refuse = true;
    server.script = (call, response) => {
      if (!refuse || call.path !== '/api/v1/pods') return false;
      response.writeHead(403).end(statusBody(403, 'Forbidden', 'pods is forbidden: User "x" cannot list'));
      return true;
    };
    const sink = run();
    await eventually(() => assert.ok(server.lists().length >= 3));
    assert.equal(sink.troubles.length, 1);
    assert.match(sink.troubles[0] ?? '', /\/api\/v1\/pods: HTTP 403: pods is forbidden.*grant/);
    assert.deepEqual([...sink.synced].sort(), WATCHED_RESOURCES.filter((name) => name !== 'pods').sort());
    refuse = false;
    await eventually(() => assert.equal(sink.lists, 1));
    assert.equal(sink.troubles.at(-1), undefined);
  });

  it('waits as long as an overloaded server asks', async () => {
    let at = 0;
    server.script = (call, response) => {
      if (call.path !== '/api/v1/pods' || at > 0) return false;
      at = Date.now();
      response.writeHead(429, { 'Retry-After': '1' }).end(statusBody(429, 'TooManyRequests', 'slow down'));
      return true;
    };
    const sink = run();
    await eventually(() => assert.equal(sink.lists, 1));
    assert.ok(Date.now() - at >= 990);
  });

  it('waits a minute for a server that asks for a day, and not for a date', async () => {
    const waits = ['86400', 'Wed, 21 Oct 2126 07:28:00 GMT'];
    const slept: number[] = [];
    const clock = { ...systemClock(), sleep: (ms: number) => Promise.resolve(void slept.push(ms)) };
    server.script = (call, response) => {
      const wait = call.path === '/api/v1/pods' && !call.watch ? waits.shift() : undefined;
      if (wait === undefined) return false;
      response.writeHead(503, { 'Retry-After': wait }).end('maintenance');
      return true;
    };
    const sink = run({ backoffBaseMs: 20 }, clock);
    await eventually(() => assert.equal(sink.lists, 1));
    assert.deepEqual(slept, [60_000, 20]);
  });

  it('lists anew when the server refuses its version again and again', async () => {
    const sink = run();
    await watching();
    server.script = (call, response) => {
      if (!call.watch || call.query.get('resourceVersion') !== '100') return false;
      response.writeHead(504).end(statusBody(504, 'Timeout', 'Too large resource version'));
      return true;
    };
    server.version = '5';
    server.watches[0]?.destroy();
    await watching(2);
    assert.equal(server.watchCalls().at(-1)?.query.get('resourceVersion'), '5');
    assert.equal(sink.lists, 2);
  });

  it('says that a resource is interrupted when it expired, and no other', async () => {
    const sink = run();
    await watching();
    server.send(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old' } })}\n`);
    await watching(2);
    assert.deepEqual(sink.interruptions, ['pods']);
    assert.equal(sink.interruptedNow.size, 0);
  });

  it('says that a watch goes on when it tells something, or is not refused for a while', async () => {
    const sink = run({ resumeMs: 200 });
    await watching();
    server.watches[0]?.destroy();
    await watching(2);
    assert.ok(sink.interruptedNow.has('pods'));
    server.send(event('ADDED', 'a', '101'));
    await eventually(() => assert.equal(sink.interruptedNow.size, 0), { withinMs: 150, everyMs: 5 });
    server.watches[1]?.destroy();
    await watching(3);
    assert.ok(sink.interruptedNow.has('pods'));
    await eventually(() => assert.equal(sink.interruptedNow.size, 0));
    assert.equal(sink.lists, 1);
  });

  it('lists all resources anew when one list is older than what was seen, before it tells that list', async () => {
    server.version = '900';
    const sink = run();
    await watching();
    server.version = '100';
    server.pods = [{ name: 'of-before', resourceVersion: '7' }];
    const path = '/api/v1/namespaces';
    assert.equal(server.lists(path).length, 1);
    server.send(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old' } })}\n`);
    await eventually(() => assert.equal(sink.lists, 2));
    assert.deepEqual([...sink.interruptions].sort(), [...WATCHED_RESOURCES].sort());
    await eventually(() => assert.equal(sink.interruptedNow.size, 0));
    assert.equal(server.lists(path).length, 2);
    assert.equal(server.watchCalls(path).at(-1)?.query.get('resourceVersion'), '100');
    await watching(2);
    assert.equal(sink.lists, 2, 'the one that found it out has listed already');
  });

  it('does not say that a resource is followed again while it is listed anew, whatever was waited for before', async () => {
    const RESUME_MS = 4321;
    let goOn: (() => void) | undefined;
    let isBack = false;
    const namespaces: ServerResponse[] = [];
    server.script = (call, response) => {
      if (call.watch && call.path === '/api/v1/namespaces') {
        response.flushHeaders();
        namespaces.push(response);
        return true;
      }
      // All of the list of pods that follows takes long.
      return isBack && call.path === '/api/v1/pods';
    };
    const real = systemClock();
    const clock: Clock = {
      ...real,
      sleep: (milliseconds, signal) =>
        milliseconds === RESUME_MS ? new Promise((resolve) => (goOn = resolve)) : real.sleep(milliseconds, signal),
    };
    const sink = new RecordingClusterSink();
    // Said right before all others are told to list anew.
    const warn = (): void => {
      isBack = true;
      goOn?.();
    };
    const options = { target: { url: server.url }, log: { ...silentLogger, warn }, clock, random: () => 0 };
    const timing = { backoffBaseMs: 20, backoffMaxMs: 100, resumeMs: RESUME_MS };
    runs.push(clusterSource({ ...options, timing }).run(sink, stop.signal));
    await watching();
    await eventually(() => assert.equal(namespaces.length, 1));
    server.watches[0]?.destroy();
    await watching(2);
    await eventually(() => assert.ok(goOn !== undefined && sink.interruptedNow.has('pods')));
    server.version = '50';
    namespaces[0]?.destroy();
    await eventually(() => assert.ok(isBack));
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(sink.interruptedNow.has('pods'));
  });

  it('does not watch on from a version that a restored store has not come to: that would tell nothing', async () => {
    server.version = '900';
    const sink = run();
    await watching();
    server.version = '100';
    server.watches[0]?.destroy();
    await watching(2);
    assert.equal(server.watchCalls()[1]?.query.get('resourceVersion'), '100');
    assert.equal(sink.lists, 2);
  });

  it('comes back by itself after the API server was away', async () => {
    const sink = run();
    await watching();
    const port = Number(new URL(server.url).port);
    await server.stop();
    await eventually(() => assert.match(sink.troubles.at(-1) ?? '', /connection refused/));
    server = await new ScriptedApiServer().start(port);
    await watching();
    server.send(event('ADDED', 'a', '101'));
    await eventually(() => assert.deepEqual(sink.told, ['replaced', 'changed a']));
    assert.equal(sink.troubles.at(-1), undefined);
  });

  it('does not take a list without a version, or an item without a name, for the truth', async () => {
    let body = '{"items":[]}';
    server.script = (call, response) => {
      if (call.path === '/api/v1/pods') response.end(body);
      return call.path === '/api/v1/pods';
    };
    const sink = run();
    await eventually(() => assert.match(sink.troubles[0] ?? '', /not a list/));
    body = '{"metadata":{"resourceVersion":"1"},"items":[{"metadata":{}}]}';
    await eventually(() => assert.match(sink.troubles.at(-1) ?? '', /without a name/));
    body = '<html>';
    await eventually(() => assert.match(sink.troubles.at(-1) ?? '', /not JSON/));
    assert.equal(sink.lists, 0);
  });

  it('ends quietly when it is told to, and leaves no connection', async () => {
    run();
    await watching();
    stop.abort();
    await Promise.all(runs);
    await eventually(() => assert.equal(server.connections, 0));
  });
});
