import assert from 'node:assert/strict';
import { CompileStack, podOf, policyFor } from '#support/compile-stack';
import { OWN_FABRIC } from '#support/settings';

/** So few VLANs that groups are joined where policies treat them alike. */
const FEW_VLANS = { ...OWN_FABRIC, vlanPool: { ...OWN_FABRIC.vlanPool, from: 100, to: 104 } };

/** Two apps in one namespace; each of the policies makes the first differ from the second. */
const PAIR = {
  pods: ['one', 'two', 'three', 'four'].map((name) => podOf('shop', name, 1)),
  policies: [policyFor('shop', 'one', 'three', 80), policyFor('shop', 'two', 'three', 81)],
};

describe('compile worker: groups that become one', () => {
  it('lets them wait, tells when it is time, and merges them then without any other change', () => {
    const stack = new CompileStack(FEW_VLANS, { mergeAfterMs: 60_000 });
    stack.start(PAIR);
    const groupOf = (pod: string): string | undefined => stack.worker.desired?.compiled.membership.get(pod);
    assert.notEqual(groupOf('shop/one-1'), groupOf('shop/two-1'));
    stack.cluster.changed('networkpolicies', policyFor('shop', 'two', 'three', 80));
    stack.worker.run();
    assert.notEqual(groupOf('shop/one-1'), groupOf('shop/two-1'), 'they are alike now, and wait');
    assert.equal(stack.worker.dueInMs, 60_000);
    assert.equal(stack.worker.audit(), false, 'a whole compilation would not wait');
    assert.equal(stack.worker.audits.done, 0);
    stack.clock.pass(59_999);
    stack.clock.set(3_600_000);
    assert.equal(stack.worker.run(), false, 'also when the clock is put forward');
    stack.clock.set(-7_200_000);
    stack.clock.pass(1);
    assert.ok(stack.worker.run());
    assert.equal(groupOf('shop/one-1'), groupOf('shop/two-1'));
    assert.equal(stack.worker.dueInMs, undefined);
    assert.equal(stack.worker.audit(), false);
    assert.deepEqual(stack.worker.audits, { done: 1, differences: 0 });
  });
});

describe('compile worker: audit', () => {
  const started = (): CompileStack => {
    const stack = new CompileStack();
    stack.start(PAIR);
    return stack;
  };

  it('compares once for each result', () => {
    const stack = started();
    assert.equal(stack.worker.audit(), false);
    assert.equal(stack.worker.audit(), false);
    assert.deepEqual(stack.worker.audits, { done: 1, differences: 0 });
    stack.cluster.changed('pods', podOf('shop', 'one', 2));
    assert.equal(stack.worker.audit(), true, 'it takes in what is new first');
    assert.deepEqual(stack.worker.audits, { done: 2, differences: 0 });
    assert.deepEqual(stack.errors, []);
  });

  it('takes the whole result after many changes, too, with the same names and content', () => {
    const stack = new CompileStack(OWN_FABRIC, { renewAfter: 3 });
    stack.start(PAIR);
    for (const [round, isTaken] of [false, false, true, false].entries()) {
      stack.cluster.changed('pods', podOf('shop', 'one', 2 + round));
      stack.worker.run();
      const before = stack.worker.desired;
      assert.equal(stack.worker.audit(), isTaken, `round ${round}`);
      assert.equal(stack.worker.desired !== before, isTaken);
      assert.deepEqual(new Map(stack.worker.desired?.objects), new Map(before?.objects));
    }
    assert.deepEqual([stack.worker.audits, stack.errors], [{ done: 4, differences: 0 }, []]);
  });

  it('takes the whole result after twice as many changes where groups always wait to become one', () => {
    const stack = new CompileStack(FEW_VLANS, { mergeAfterMs: 60_000, renewAfter: 5 });
    stack.start(PAIR);
    const [groupOf, before] = [
      (pod: string): string | undefined => stack.worker.desired?.compiled.membership.get(pod),
      stack.worker.desired?.compiled.membership,
    ];
    for (let change = 1; change <= 10; change += 1) {
      const [alike, other] = change % 2 === 1 ? ['two', 'four'] : ['four', 'two'];
      stack.cluster.changed('networkpolicies', policyFor('shop', alike, 'three', 80));
      stack.cluster.changed('networkpolicies', policyFor('shop', other, 'three', 1000 + change));
      stack.worker.run();
      stack.clock.pass(10_000);
      assert.notEqual(stack.worker.dueInMs, undefined);
      assert.equal(stack.worker.audit(), change === 10, `change ${change}`);
    }
    assert.deepEqual([stack.worker.audits.done, stack.errors], [0, []]);
    assert.equal(groupOf('shop/one-1'), groupOf('shop/four-1'), 'one before their time');
    for (const pod of ['shop/two-1', 'shop/three-1']) assert.equal(groupOf(pod), before?.get(pod), 'nobody else moves');
  });

  it('finds a change that got lost, says where, and takes the whole result', () => {
    const stack = started();
    stack.cluster.changed('networkpolicies', policyFor('shop', 'two', 'three', 90));
    stack.cluster.takeDelta();
    stack.worker.run();
    const before = stack.worker.desired;
    assert.equal(
      [...(before?.objects.keys() ?? [])].some((dn) => dn.includes('90')),
      false,
      'it was lost',
    );
    assert.equal(stack.worker.audit(), true);
    assert.deepEqual(stack.worker.audits, { done: 1, differences: 1 });
    const [error] = stack.errors;
    assert.match(String(error?.['object']), /^uni\/tn-k8s\//);
    assert.notEqual(error?.['kept'], error?.['whole']);
    assert.ok([...(stack.worker.desired?.objects.keys() ?? [])].some((dn) => dn.includes('90')));
    assert.equal(stack.worker.audit(), false);
    assert.equal(stack.errors.length, 1);
  });

  it('finds a pod in a group that is not its own, which no object of the fabric shows', () => {
    const stack = started();
    stack.cluster.changed('pods', podOf('shop', 'one', 2));
    stack.cluster.takeDelta();
    assert.equal(stack.worker.audit(), true);
    assert.deepEqual(stack.errors, [{ object: 'Pod/shop/one-2', kept: '(nothing)', whole: 'shop.one' }]);
    assert.equal(stack.worker.desired?.compiled.membership.get('shop/one-2'), 'shop.one');
  });
});
