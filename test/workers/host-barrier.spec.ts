import assert from 'node:assert/strict';
import { ManualClock } from '#support/manual-clock';
import { HostBarrier } from '../../workers/host-barrier.js';

const FOLLOW_MS = 1000;

describe('host barrier', () => {
  const clock = new ManualClock();
  let toldAt: number;
  let told: string[];
  const moves = {
    areComing: () => false,
    underWay: () => [],
    followMs: FOLLOW_MS,
    get hostsFollowInMs() {
      return Math.max(0, toldAt + FOLLOW_MS - clock.uptime());
    },
  };
  const publisher = {
    stale: () => Promise.resolve(['n1']),
    run: (node: string, mayTell: () => boolean) => Promise.resolve(mayTell() && told.push(node) > 0),
  };
  let barrier: HostBarrier;
  beforeEach(() => {
    toldAt = clock.uptime();
    told = [];
    barrier = new HostBarrier({ publisher, moves, desired: () => undefined, clock });
  });
  const follow = (): Promise<number> => barrier.follow(() => true);

  it('waits until the hosts that were told have followed', async () => {
    assert.equal(await follow(), FOLLOW_MS);
    assert.deepEqual(told, ['n1']);
    clock.pass(FOLLOW_MS);
    assert.equal(await follow(), 0);
  });

  it('tells nobody before something is taken away when the hosts may not follow what is desired by then', async () => {
    assert.ok((await barrier.follow(() => false)) > 0, 'the rest has to wait');
    assert.deepEqual(told, []);
    await follow();
    assert.deepEqual(told, ['n1']);
  });

  it('holds back what is taken away when a host may not be told any more by its turn', async () => {
    toldAt = clock.uptime() - FOLLOW_MS;
    const answers = [true, false];
    assert.ok((await barrier.follow(() => answers.shift() === true)) > 0);
    assert.deepEqual(told, []);
  });

  it('does not ask for the same again and again without a pause', async () => {
    const [first, second] = [await barrier.follow(() => false), await barrier.follow(() => false)];
    assert.ok(first < 10 && second > 100, `${first} ${second}`);
  });

  it('holds back what is taken away while it is not known what the hosts are to be told', async () => {
    toldAt = clock.uptime() - FOLLOW_MS;
    const unknown = { ...publisher, stale: () => Promise.resolve(undefined) };
    const other = new HostBarrier({ publisher: unknown, moves, desired: () => undefined, clock });
    assert.ok((await other.follow(() => true)) > 0);
  });

  it('waits for hosts anew that have nothing to do with those of a wait long ago', async () => {
    assert.equal(await follow(), FOLLOW_MS);
    // What was to go is wanted again: nobody asks whether those hosts have followed.
    clock.pass(100 * FOLLOW_MS);
    toldAt = clock.uptime();
    assert.equal(await follow(), FOLLOW_MS);
  });

  it('lets through now and then where some pod is always on its way', async () => {
    const passed: number[] = [];
    for (let step = 0; step < 45; step += 1) {
      toldAt = clock.uptime();
      if (step === 10) clock.set(-3_600_000);
      if ((await follow()) === 0) passed.push(step);
      clock.pass(FOLLOW_MS / 2);
    }
    assert.deepEqual(passed, [20, 41], 'after ten times as long as hosts take, and again after as long');
  });
});
