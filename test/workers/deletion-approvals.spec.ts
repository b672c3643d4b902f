import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Change, changesHash, type Deletions } from '#fabric';
import { ManualClock } from '#support/manual-clock';
import { DeletionApprovals } from '../../workers/deletion-approvals.js';

const HOUR_MS = 60 * 60_000;

const deletionOf = (dn: string): Change => ({ kind: 'delete', object: { className: 'fvAEPg', dn, attributes: {} } });
const deletionsOf = (changes: readonly Change[]): Deletions => ({
  changes,
  objects: changes.length,
  owned: 1000,
  hash: changesHash(changes),
});

/** A gateway that asks when more objects go than that. */
class Plans {
  readonly clock = new ManualClock();
  readonly approvals: DeletionApprovals;
  hash = '';

  constructor(maxDeletes: number) {
    this.approvals = new DeletionApprovals({ maxDeletes, maxDeleteShare: 1, shareCountsFrom: 0 }, this.clock);
  }

  /** Plans deletions of these names; gives those that may be made. */
  plan(...names: readonly string[]): readonly string[] {
    const deletions = deletionsOf(names.map((name) => deletionOf(name)));
    const may = new Set(this.approvals.mayDelete(deletions, deletionsOf));
    this.hash = changesHash(deletions.changes.filter((change) => !may.has(change)));
    return [...may].map(({ object }) => object.dn);
  }
}

describe('approvals of deletions', () => {
  it('are for what waited under the hash, as far as it still waits', () => {
    const plans = new Plans(1);
    assert.deepEqual(plans.plan('a', 'b'), []);
    const shown = plans.hash;
    assert.deepEqual(plans.plan('a', 'b', 'c', 'd'), []);
    assert.deepEqual(plans.plan('b', 'c', 'd'), [], 'a is wanted again');
    assert.equal(plans.approvals.approve(shown), 1);
    assert.deepEqual(plans.plan('b', 'c', 'd'), ['b']);
    assert.deepEqual(plans.plan('a', 'c', 'd'), [], 'b is gone, a goes anew');
    assert.equal(plans.approvals.approve(shown), 0);
  });

  it('let the rest go where that is no more than goes unasked', () => {
    const plans = new Plans(1);
    plans.plan('a', 'b');
    const shown = plans.hash;
    plans.plan('a', 'b', 'c');
    assert.equal(plans.approvals.approve(shown), 2);
    assert.deepEqual(plans.plan('a', 'b', 'c'), ['a', 'b', 'c']);
  });

  it('are void for an object that came back, also before it was deleted, and not for the others', () => {
    const plans = new Plans(0);
    plans.plan('a', 'b');
    plans.approvals.approve(plans.hash);
    assert.deepEqual(plans.plan('b'), ['b']);
    assert.deepEqual(plans.plan('a', 'b'), ['b']);
  });

  it('take a hash for an hour after something else has joined, and as long as nothing does', async () => {
    const plans = new Plans(0);
    plans.plan('a');
    const shown = plans.hash;
    await plans.clock.advance(2 * HOUR_MS);
    plans.plan('a', 'b');
    assert.equal(plans.approvals.approve(shown), 0, 'it was last looked at two hours ago');
    plans.plan('a');
    await plans.clock.advance(2 * HOUR_MS);
    assert.equal(plans.approvals.approve(shown), 1);
  });

  it('leave an object standing of which something waits below', () => {
    const plans = new Plans(0);
    plans.plan('uni/out');
    const shown = plans.hash;
    plans.plan('uni/out', 'uni/out/prefix');
    assert.equal(plans.approvals.approve(shown), 1);
    assert.deepEqual(plans.plan('uni/out', 'uni/out/prefix'), []);
    assert.deepEqual(plans.plan('uni/out'), ['uni/out']);
  });

  it('never let go what was not shown under an approved hash and waited ever since', () => {
    const NAMES = ['a', 'b', 'c', 'd', 'e'];
    const step = fc.record({ names: fc.subarray(NAMES), approves: fc.option(fc.nat(20)) });
    let [freed, held] = [0, 0];
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const plans = new Plans(0);
        /** What each plan held, in order, and which of these were approved. */
        const history: { hash: string; waiting: ReadonlySet<string>; approved: Set<string> }[] = [];
        for (const { names, approves } of steps) {
          const approvedNow = history.at(-1)?.approved ?? new Set<string>();
          const may = new Set(plans.plan(...names));
          const approved = new Set([...approvedNow].filter((name) => names.includes(name)));
          assert.deepEqual(may, approved);
          freed += may.size;
          const waiting = new Set(names.filter((name) => !may.has(name)));
          held += waiting.size;
          history.push({ hash: plans.hash, waiting, approved });
          const at = approves === null ? -1 : history.length - 1 - approves;
          const shown = history[at];
          if (shown === undefined || shown.waiting.size === 0) continue;
          // The latest time that just this waited counts: it is what whoever looks now would see.
          const last = history.findLastIndex(({ hash }) => hash === shown.hash);
          const sinceThen = history.slice(last);
          const still = [...shown.waiting].filter((name) => sinceThen.every((one) => one.waiting.has(name)));
          assert.equal(plans.approvals.approve(shown.hash), still.length);
          for (const name of still) approved.add(name);
        }
      }),
      { numRuns: 500 },
    );
    assert.ok(freed > 100 && held > 1000, `${freed} ${held}`);
  });
});
