import assert from 'node:assert/strict';
import { ManualClock } from '#support/manual-clock';
import { PublishGate } from '../../workers/publish-gate.js';

const PATIENCE_MS = 10_000;

describe('what keeps hosts from being told too early', () => {
  let clock: ManualClock;
  let mayFollow: boolean;
  let told: string[];
  let queued: string[];
  let gate: PublishGate;
  const publisher = {
    stale: () => Promise.resolve(['n1', 'n2']),
    run: (node: string, mayTell: () => boolean) => Promise.resolve(mayTell() && told.push(node) > 0),
  };

  beforeEach(() => {
    clock = new ManualClock();
    mayFollow = false;
    [told, queued] = [[], []];
    const add = (key: string): Promise<void> => {
      queued.push(key);
      return Promise.resolve();
    };
    const applier = {
      get mayFollow() {
        return mayFollow;
      },
    };
    gate = new PublishGate({ applier, publisher, queue: { add, addAfter: add }, clock });
  });

  it('keeps stale slices back until the fabric has what the hosts will use', async () => {
    await gate.open();
    assert.deepEqual(queued.splice(0), ['apply', 'publish']);
    mayFollow = true;
    await gate.open();
    assert.deepEqual(queued, ['node/n1', 'node/n2']);
  });

  it('looks again before each slice: by then something else may be desired', async () => {
    mayFollow = true;
    await gate.open();
    queued.length = 0;
    await gate.pass('n1');
    mayFollow = false;
    await gate.pass('n2');
    assert.deepEqual([told, queued], [['n1'], ['apply', 'publish']]);
  });

  it('lets all out after a while, and keeps nothing back from then on until the fabric is right again', async () => {
    await gate.open();
    await clock.advance(PATIENCE_MS);
    await gate.open();
    await gate.pass('n1');
    await gate.pass('n2');
    assert.deepEqual(told, ['n1', 'n2']);
    mayFollow = true;
    assert.ok(gate.isOpen);
    mayFollow = false;
    assert.ok(!gate.isOpen, 'the wait begins anew');
  });

  it('waits anew for what comes after the fabric caught up, whoever saw that', async () => {
    await gate.open();
    await clock.advance(PATIENCE_MS);
    await gate.pass('n1');
    assert.deepEqual(told, ['n1']);
    mayFollow = true;
    gate.look();
    mayFollow = false;
    await gate.pass('n1');
    assert.deepEqual(told, ['n1'], 'the VLAN of its new group is not bound yet');
    await clock.advance(PATIENCE_MS);
    await gate.pass('n1');
    assert.deepEqual(told, ['n1', 'n1']);
  });

  it('does not begin to wait before there is something to let out', async () => {
    gate.look();
    await clock.advance(PATIENCE_MS);
    assert.ok(!gate.isOpen);
  });

  it('waits no longer for a clock that is put back', async () => {
    assert.ok(!gate.isOpen);
    clock.set(-100 * PATIENCE_MS);
    assert.ok(!gate.isOpen);
    await clock.advance(PATIENCE_MS);
    assert.ok(gate.isOpen);
  });
});
