import assert from 'node:assert/strict';
import { ManualClock } from '#support/manual-clock';
import { OvertakenPlans } from '../../workers/overtaken-plans.js';

describe('plans that are overtaken', () => {
  let clock: ManualClock;
  let plans: OvertakenPlans;

  beforeEach(() => {
    clock = new ManualClock();
    plans = new OvertakenPlans(clock);
  });

  it('hold changes back when none came to its end for ten seconds', () => {
    plans.ended('outdated');
    clock.pass(9999);
    plans.ended('outdated');
    assert.equal(plans.holdMs, 0);
    clock.pass(1);
    assert.ok(plans.holdMs > 0);
    plans.ended('waiting');
    assert.ok(plans.holdMs > 0, 'what waits for hosts has not come to its end');
    plans.ended('applied');
    assert.equal(plans.holdMs, 0);
    clock.pass(3_600_000);
    assert.equal(plans.holdMs, 0);
  });

  it('hold changes back for thirty seconds at most, and then for ten not at all', () => {
    plans.ended('outdated');
    clock.pass(39_999);
    assert.ok(plans.holdMs > 0);
    clock.pass(1);
    assert.equal(plans.holdMs, 0);
    plans.ended('outdated');
    clock.pass(9999);
    assert.equal(plans.holdMs, 0);
    clock.pass(1);
    assert.ok(plans.holdMs > 0);
  });

  it('are none where each one comes to its end, and where they wait for hosts', () => {
    for (const outcome of ['applied', 'waiting', 'applied'] as const) {
      plans.ended(outcome);
      clock.pass(20_000);
      assert.equal(plans.holdMs, 0);
    }
  });
});
