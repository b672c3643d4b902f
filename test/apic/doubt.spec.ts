import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import * as fc from 'fast-check';
import type { ApicClientOptions } from '#apic';
import type { FabricScope } from '#ports';
import { eventually } from '#support/eventually';
import { ManualClock } from '#support/manual-clock';
import { RelistTimer } from '../../src/apic/relist-timer.js';
import { SetUp } from './client-set-up.js';
import { RecordingSink } from './recording-sink.js';
import type { ScriptedApic, ScriptedObject } from './scripted-apic.js';

const SCOPE: FabricScope = { dn: 'uni/tn-a', classes: ['fvBD'] };
const bd = (name: string, more: Record<string, string> = {}): ScriptedObject => ({
  className: 'fvBD',
  dn: `uni/tn-a/BD-${name}`,
  ...more,
});

/** A sink that knows what it has. */
class KnowingSink extends RecordingSink {
  knows(dn: string): boolean {
    return this.mirror.has(dn);
  }
}

describe('apic: an event that shows that another was lost', () => {
  const setUp = new SetUp();
  let stop: AbortController;
  let watches: Promise<void>[];
  beforeEach(() => {
    stop = new AbortController();
    watches = [];
  });
  afterEach(async () => {
    stop.abort();
    await Promise.all(watches);
    await setUp.close();
  });
  function watch(server: ScriptedApic, options: Partial<ApicClientOptions> = {}): KnowingSink {
    const sink = new KnowingSink();
    watches.push(setUp.client(server.url, { doubtMs: 20, ...options }).watch([SCOPE], sink, stop.signal));
    return sink;
  }
  const lists = (sink: RecordingSink): number => sink.told.filter((line) => line.startsWith('replaced')).length;

  it('is a push for a subscription that is not its own: ignored, and everything is listed anew on the same socket', async () => {
    const server = await setUp.server();
    const sink = watch(server);
    await eventually(() => assert.equal(lists(sink), 1));
    server.objects = [bd('unseen')];
    const entry = { fvBD: { attributes: { dn: 'uni/tn-a/BD-x', status: 'created' } } };
    server.sockets[0]?.socket.send(JSON.stringify({ subscriptionId: ['1'], imdata: [entry] }));
    await eventually(() => assert.deepEqual(sink.told, ['replaced', 'replaced uni/tn-a/BD-unseen']));
    assert.equal(server.sockets.length, 1);
    assert.deepEqual(sink.reasons, []);
  });

  it('is a change of an object that nobody heard of: not told as a whole object, and listed anew', async () => {
    const server = await setUp.server();
    const sink = watch(server);
    await eventually(() => assert.equal(lists(sink), 1));
    server.objects = [bd('one', { descr: 'x', name: 'one' })];
    server.push('uni/tn-a', bd('one', { status: 'modified', descr: 'x' }));
    await eventually(() => assert.equal(sink.mirror.get('uni/tn-a/BD-one')?.['name'], 'one'));
    assert.deepEqual(sink.told, ['replaced', 'replaced uni/tn-a/BD-one']);
    server.push('uni/tn-a', bd('one', { status: 'modified', descr: 'y' }));
    await eventually(() => assert.equal(sink.told.at(-1), 'modified uni/tn-a/BD-one'));
  });

  it('is no change of an object that a push made known before, also while listing', async () => {
    const server = await setUp.server();
    server.script = (request) => {
      if (!request.path.startsWith('/api/mo') || request.query.has('subscription')) return undefined;
      server.push('uni/tn-a', bd('one', { status: 'created' }), bd('one', { status: 'modified', descr: 'x' }));
      return undefined;
    };
    const sink = watch(server);
    await eventually(() => assert.equal(sink.told.length, 3));
    assert.deepEqual(sink.told, ['replaced', 'created uni/tn-a/BD-one', 'modified uni/tn-a/BD-one']);
  });

  it('is listed for again when that listing fails', async () => {
    const server = await setUp.server();
    const sink = watch(server);
    await eventually(() => assert.equal(lists(sink), 1));
    let failures = 2;
    server.script = ({ path }) => {
      if (!path.startsWith('/api/mo') || failures === 0) return undefined;
      failures -= 1;
      return { status: 503, body: '' };
    };
    server.push('uni/tn-a', bd('one', { status: 'modified' }));
    await eventually(() => assert.equal(lists(sink), 2));
    assert.deepEqual(sink.reasons, []);
  });

  it('is a deletion right after the last page: it may have moved what is there to a page that was read before', async () => {
    const server = await setUp.server();
    server.objects = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => bd(name));
    let isDone = false;
    server.script = ({ query }) => {
      if (query.get('page') !== '1' || isDone) return undefined;
      isDone = true;
      // `c` moves to the first page, and the number stays the same; the events are late.
      server.objects = [...server.objects.slice(1), bd('g')];
      return undefined;
    };
    const sink = watch(server, { pageSize: 2 });
    await eventually(() => assert.equal(lists(sink), 1));
    assert.ok(!sink.mirror.has('uni/tn-a/BD-c'), 'the test has its point');
    server.push('uni/tn-a', bd('a', { status: 'deleted' }), bd('g', { status: 'created' }));
    await eventually(() =>
      assert.deepEqual(
        [...sink.mirror.keys()].sort(),
        server.objects.map(({ dn }) => dn),
      ),
    );
  });

  it('finds everything, however objects come and go between the pages', async function () {
    this.timeout(60_000);
    const mutation = fc.record({ page: fc.nat(6), remove: fc.nat(30), add: fc.boolean() });
    const property = fc.asyncProperty(fc.array(mutation, { maxLength: 8 }), async (mutations) => {
      const server = await setUp.server();
      server.objects = Array.from({ length: 25 }, (_, index) => bd(`b${String(index).padStart(2, '0')}`));
      const left = [...mutations];
      let told = Promise.resolve();
      server.script = ({ path, query }) => {
        const at = left.findIndex((one) => path === '/api/mo/uni/tn-a.json' && String(one.page) === query.get('page'));
        if (at === -1 || query.has('subscription')) return undefined;
        const [{ remove, add } = { remove: 0, add: false }] = left.splice(at, 1);
        const gone = server.objects[remove];
        const come = add ? [bd(`c${left.length}`)] : [];
        server.objects = [...server.objects.filter((one) => one !== gone), ...come];
        const events = [
          ...(gone === undefined ? [] : [{ ...gone, status: 'deleted' }]),
          ...come.map((one) => ({ ...one, status: 'created' })),
        ];
        // The socket may be slower than the pages; what it says is in order.
        told = told.then(() => delay(remove % 3)).then(() => server.push('uni/tn-a', ...events));
        return undefined;
      };
      const halt = new AbortController();
      const sink = new KnowingSink();
      const watching = setUp.client(server.url, { pageSize: 4, doubtMs: 20 }).watch([SCOPE], sink, halt.signal);
      const dns = (): readonly string[] => server.objects.map(({ dn }) => dn).sort();
      await eventually(() => {
        assert.ok(lists(sink) > 0);
        assert.deepEqual([...sink.mirror.keys()].sort(), dns());
      });
      halt.abort();
      await watching;
      await setUp.close();
    });
    await fc.assert(property, { numRuns: 40 });
  });
});

describe('apic: when everything is listed anew', () => {
  const timer = (clock: ManualClock, doubtMs = 1000): RelistTimer =>
    new RelistTimer({ clock, relistMs: 100_000, doubtMs, random: () => 0.5 });
  async function due(clock: ManualClock, of: RelistTimer): Promise<() => number | undefined> {
    const since = clock.uptime();
    let at: number | undefined;
    void of.due(new AbortController().signal).then(
      () => {
        at = clock.uptime() - since;
      },
      () => undefined,
    );
    await clock.advance(0);
    return () => at;
  }

  it('is now and then while nothing is in doubt', async () => {
    const clock = new ManualClock();
    const at = await due(clock, timer(clock));
    await clock.advance(99_999);
    assert.equal(at(), undefined);
    await clock.advance(1);
    assert.equal(at(), 100_000);
  });

  it('is soon after a doubt, later each time that a doubt comes again, and soon again after quiet', async () => {
    const clock = new ManualClock();
    const of = timer(clock);
    const waits: (number | undefined)[] = [];
    for (let round = 0; round < 9; round += 1) {
      const at = await due(clock, of);
      assert.equal(of.doubt(), true);
      assert.equal(of.doubt(), false, 'one doubt is as good as many');
      await clock.advance(100_000);
      waits.push(at());
    }
    assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 100_000, 100_000]);
    const quiet = await due(clock, of);
    await clock.advance(100_000);
    assert.equal(quiet(), 100_000);
    const at = await due(clock, of);
    of.doubt();
    await clock.advance(1000);
    assert.equal(at(), 1000);
  });

  it('counts from the last listing, also for a doubt that comes while listing', async () => {
    const clock = new ManualClock();
    const of = timer(clock);
    of.doubt();
    const at = await due(clock, of);
    await clock.advance(1000);
    assert.equal(at(), 1000);
    const later = await due(clock, of);
    await clock.advance(50_000);
    of.doubt();
    await clock.advance(0);
    assert.equal(later(), 50_000, 'the last listing is long ago');
  });

  it('is never when it is told to end', async () => {
    const clock = new ManualClock();
    const stop = new AbortController();
    const ending = timer(clock).due(stop.signal);
    stop.abort(new Error('enough'));
    await assert.rejects(ending, /enough/);
    assert.deepEqual(clock.sleeping, []);
  });
});
