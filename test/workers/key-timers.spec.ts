import assert from 'node:assert/strict';
import { ManualClock } from '#support/manual-clock';
import { KeyTimers } from '../../workers/queue/key-timers.js';

describe('timers of keys', () => {
  let clock: ManualClock;
  let fired: string[];
  let timers: KeyTimers;

  beforeEach(() => {
    clock = new ManualClock();
    fired = [];
    timers = new KeyTimers(clock, (key) => void fired.push(key));
  });

  it('fire once, at the earlier of two times', async () => {
    timers.setEarliest('key', 3000);
    timers.setEarliest('key', 5);
    timers.setEarliest('key', 100);
    await clock.advance(5);
    assert.deepEqual(fired, ['key']);
    await clock.advance(10_000);
    assert.deepEqual(fired, ['key']);
  });

  it('are left alone while the process is only too busy to let them fire', () => {
    timers.setEarliest('key', 5);
    clock.pass(500);
    timers.setEarliest('key', 5);
    assert.deepEqual(clock.sleeping, [-495], 'the same timer as before');
  });

  it('take no notice of a clock that is set', async () => {
    timers.setEarliest('key', 3000);
    clock.set(-7_200_000);
    timers.setEarliest('key', 5000);
    assert.deepEqual(clock.sleeping, [3000], 'put back');
    clock.set(14_400_000);
    timers.setEarliest('key', 5);
    assert.deepEqual(clock.sleeping, [5], 'put forward');
    await clock.advance(5);
    assert.deepEqual(fired, ['key']);
  });
});
