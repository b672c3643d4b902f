import assert from 'node:assert/strict';
import { CompileStack, podOf, policyFor } from '#support/compile-stack';
import { MOST_WAIT_MS } from '../../workers/mirror/interruptions.js';

describe('compile worker: a cluster that is told again, one resource after another', () => {
  const pods = ['web', 'client'].map((name) => podOf('shop', name, 1));
  const policy = policyFor('shop', 'web', 'client', 80);
  let stack: CompileStack;
  const told = (): number => stack.worker.desired?.revision ?? -1;

  beforeEach(() => {
    stack = new CompileStack();
    stack.start({ pods, policies: [policy] });
  });

  it('does not wait where one resource is listed anew by itself', () => {
    const { cluster, worker } = stack;
    cluster.interrupted('pods');
    cluster.changed('networkpolicies', policyFor('shop', 'web', 'client', 81));
    assert.ok(worker.run(), 'what others tell meanwhile');
    cluster.replaced('pods', []);
    assert.ok(worker.run(), 'the list itself');
    cluster.resumed('pods');
    assert.equal(worker.run(), false);
  });

  it('waits until all are known again that were not at the same time, and is told then', () => {
    let changes = 0;
    const { cluster, worker } = stack;
    cluster.interrupted('networkpolicies');
    cluster.interrupted('pods');
    const before = told();
    cluster.replaced('networkpolicies', []);
    cluster.resumed('networkpolicies');
    assert.equal(worker.run(), false);
    assert.deepEqual(cluster.awaited, ['pods']);
    assert.equal(told(), before);
    cluster.replaced('pods', []);
    changes += worker.run() ? 1 : 0;
    assert.equal(changes, 0);
    cluster.resumed('pods');
    assert.ok(worker.run());
    assert.equal(told(), cluster.revision);
    assert.deepEqual(cluster.awaited, []);
  });

  it('waits for what is interrupted while others come back', () => {
    const { cluster, worker } = stack;
    cluster.interrupted('networkpolicies');
    cluster.interrupted('pods');
    cluster.resumed('pods');
    cluster.interrupted('pods');
    cluster.replaced('networkpolicies', []);
    cluster.resumed('networkpolicies');
    assert.equal(worker.run(), false);
    cluster.resumed('pods');
    assert.ok(worker.run());
  });

  it('does not wait for ever, and not again for what did not come back', () => {
    const { cluster, worker, clock } = stack;
    cluster.interrupted('adminnetworkpolicies');
    cluster.interrupted('clusternetworkpolicies');
    clock.pass(10 * MOST_WAIT_MS);
    cluster.replaced('pods', []);
    assert.equal(worker.run(), false, 'from the change on, and not from the interruption');
    assert.equal(worker.dueInMs, MOST_WAIT_MS);
    clock.pass(MOST_WAIT_MS - 1);
    assert.equal(worker.run(), false);
    clock.pass(1);
    assert.ok(worker.run());
    cluster.replaced('pods', pods);
    assert.ok(worker.run());
    cluster.interrupted('nodes');
    cluster.replaced('pods', []);
    assert.ok(worker.run(), 'with one more that is interrupted by itself');
    cluster.resumed('adminnetworkpolicies');
    cluster.interrupted('adminnetworkpolicies');
    cluster.replaced('pods', pods);
    assert.equal(worker.run(), false, 'two again, after one had come back');
  });

  it('compares nothing with a whole compilation meanwhile', () => {
    const { cluster, worker } = stack;
    cluster.interrupted('networkpolicies');
    cluster.interrupted('pods');
    cluster.replaced('networkpolicies', []);
    assert.equal(worker.audit(), false);
    assert.deepEqual([worker.audits, stack.errors], [{ done: 0, differences: 0 }, []]);
    cluster.resumed('networkpolicies');
    cluster.resumed('pods');
    assert.ok(worker.audit());
    assert.deepEqual([worker.audits, stack.errors], [{ done: 1, differences: 0 }, []]);
  });
});
