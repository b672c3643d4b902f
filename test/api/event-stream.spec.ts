import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type ApiServer, startApi } from '#api';
import type { FabricSync, GatewayState, Logger, SyncState } from '#ports';
import { silentLogger } from '#runtime';
import { readEvents } from '#support/event-stream';
import { eventually } from '#support/eventually';

/** As many as a large fabric has that was never synced: some 6 MB as JSON. */
const MANY = 30_000;

const UNREADABLE = new Error('what is open cannot be read');

const open = (word: string, length: number): readonly FabricSync[] =>
  Array.from({ length }, (_, number) => ({
    dn: `uni/tn-k8s/brc-group-${number}_tcp-80`,
    className: 'vzBrCP',
    phase: 'pending',
    why: [`it is not there ${word}`],
    sources: [`NetworkPolicy/shop/policy-${number}`],
  }));

describe('API: server-sent events', () => {
  let api: ApiServer;
  let word: string;
  let changed: () => void;
  let watchers: number;
  let looks: number;
  let many: number;
  let broken: boolean;
  let logged: unknown[];
  const log: Logger = {
    ...silentLogger,
    info: (fields, message) => logged.push(['info', fields, message]),
    error: (fields, message) => logged.push(['error', fields, message]),
  };

  beforeEach(async () => {
    word = 'yet';
    watchers = 0;
    looks = 0;
    many = MANY;
    const listeners = new Set<() => void>();
    changed = () => {
      for (const listener of listeners) listener();
    };
    broken = false;
    logged = [];
    const sync: SyncState = {
      open: () => {
        looks += 1;
        if (broken) throw UNREADABLE;
        return open(word, many);
      },
      object: () => undefined,
      dn: () => undefined,
      watch: (listener) => {
        listeners.add(listener);
        watchers = listeners.size;
        return () => {
          listeners.delete(listener);
          watchers = listeners.size;
        };
      },
    };
    const readiness = { converged: false, waitingFor: [] };
    const state = { readiness: () => readiness, status: () => readiness, findings: () => [] };
    api = await startApi({
      host: '127.0.0.1',
      port: 0,
      state: state as unknown as GatewayState,
      sync,
      plans: { plan: () => undefined, waiting: () => undefined, approve: () => false },
      log,
      measures: () => [],
      quietMs: 300,
    });
  });
  afterEach(() => api.stop());

  it('come whole, however much is open, to whoever reads them', async () => {
    const events = await readEvents(`${api.url}/api/v1/events`);
    assert.equal(((await events.next('open')) as unknown[]).length, MANY);
    word = 'still';
    changed();
    const [first] = (await events.next('open')) as FabricSync[];
    assert.deepEqual(first?.why, ['it is not there still']);
    events.close();
  });

  it('come whole to who reads slowly, while things go on changing', async () => {
    const { port } = new URL(api.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('GET /api/v1/events HTTP/1.1\r\nHost: gateway\r\n\r\n');
    let read = 0;
    let hasEnded = false;
    socket.once('close', () => {
      hasEnded = true;
    });
    socket.on('data', (bytes) => {
      read += bytes.length;
      socket.pause();
      setTimeout(() => socket.resume(), 10);
    });
    await eventually(() => assert.ok(watchers === 1));
    const changing = setInterval(() => {
      word = `at ${Date.now()}`;
      changed();
    }, 50);
    await eventually(() => assert.ok(read > 3_000_000, `${read}`), 15_000);
    clearInterval(changing);
    assert.equal(hasEnded, false);
    socket.destroy();
  });

  it('end when what they tell cannot be read, and begin anew for whoever comes again', async () => {
    const response = await fetch(`${api.url}/api/v1/events`);
    assert.equal(watchers, 1);
    broken = true;
    changed();
    await response.text();
    await eventually(() => assert.equal(watchers, 0));
    assert.doesNotMatch(await (await fetch(`${api.url}/api/v1/events`)).text(), /open/);
    broken = false;
    const events = await readEvents(`${api.url}/api/v1/events`);
    assert.equal(((await events.next('open')) as unknown[]).length, MANY);
    events.close();
  });

  it('say once in the log what could not be read and why, however often somebody comes, and when it can be again', async () => {
    broken = true;
    for (let time = 0; time < 3; time += 1) await (await fetch(`${api.url}/api/v1/events`)).text();
    const ended = 'streams of /api/v1/events end: what they tell cannot be read';
    assert.deepEqual(logged, [['error', { event: 'open', error: UNREADABLE }, ended]]);
    broken = false;
    const events = await readEvents(`${api.url}/api/v1/events`);
    await events.next('findings');
    assert.deepEqual(logged.slice(1), [['info', {}, 'what streams of /api/v1/events tell can be read again']]);
    changed();
    broken = true;
    await events.ended;
    assert.equal(logged.length, 3, 'the same later on is news');
  });

  it('cost the same however many there are', async () => {
    many = 3;
    const streams = await Promise.all(Array.from({ length: 8 }, () => readEvents(`${api.url}/api/v1/events`)));
    for (const events of streams) await events.next('findings');
    word = 'still';
    const before = looks;
    changed();
    for (const events of streams) {
      await events.next('open');
      const [first] = (await events.next('open')) as FabricSync[];
      assert.deepEqual(first?.why, ['it is not there still']);
      events.close();
    }
    assert.ok(looks - before <= 3, `${looks - before} looks at what is open`);
  });

  it('do not keep a gateway from ending, nor does a connection that says nothing', async () => {
    const { port } = new URL(api.url);
    const silent = connect(Number(port), '127.0.0.1');
    silent.on('error', () => undefined);
    await new Promise((resolve) => silent.once('connect', resolve));
    const began = Date.now();
    await api.stop();
    assert.ok(Date.now() - began < 2000, 'the API server waited for it');
    silent.destroy();
  });

  it('end for whoever does not read, so that nothing piles up', async () => {
    const { port } = new URL(api.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET /api/v1/events HTTP/1.1\r\nHost: gateway\r\n\r\n');
    socket.pause();
    await eventually(() => assert.equal(watchers, 1));
    word = 'still';
    changed();
    await eventually(() => assert.equal(watchers, 0), 10_000);
    socket.destroy();
  });
});
