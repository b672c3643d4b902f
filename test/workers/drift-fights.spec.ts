import assert from 'node:assert/strict';
import { desiredStateOf } from '#support/desired-state';
import { DriftStack, shopWith } from '#support/drift-stack';

const CONTRACT = 'uni/tn-k8s/brc-shop:f7zcsc_tcp-80';
const MINUTE = 60_000;

/** Somebody sets the scope of the contract, and the gateway gets to work. */
async function flip(stack: DriftStack): Promise<'repaired' | 'left'> {
  stack.edit(CONTRACT, { scope: 'global' });
  const at = new Date(stack.clock.now()).toISOString();
  stack.audit.set(CONTRACT, [
    { user: 'script', at, kind: 'modification', changeSet: 'scope (Old: context, New: global)' },
  ]);
  await stack.run();
  return stack.value(CONTRACT, 'scope') === 'context' ? 'repaired' : 'left';
}

describe('drift worker: no fights', () => {
  let stack: DriftStack;
  beforeEach(async () => {
    stack = new DriftStack(desiredStateOf(shopWith(80)));
    await stack.run();
  });

  it('backs off after three repairs within the window, and says who is on the other side', async () => {
    for (let turn = 0; turn < 3; turn += 1) {
      assert.equal(await flip(stack), 'repaired');
      stack.clock.pass(1000);
    }
    assert.equal(stack.drift.againInMs, undefined);
    assert.equal(await flip(stack), 'left');
    assert.equal(stack.drift.againInMs, MINUTE);
    const [finding] = stack.drift.findings;
    assert.deepEqual([finding?.code, finding?.severity], ['DRIFT_FIGHT', 'warning']);
    assert.match(
      finding?.message ?? '',
      /changed again by script after each of 3 repairs; backing off; it is put back at 1970-/,
    );
    assert.equal(stack.drift.rows[0]?.state, 'backing-off');
    assert.deepEqual(
      stack.events.map(({ reason, type }) => [reason, type]),
      [...Array.from({ length: 3 }, () => ['DriftRepaired', 'Normal']), ['DriftFight', 'Warning']],
    );
    await stack.run();
    assert.equal(stack.events.length, 4, 'nothing new is told while it backs off');
  });

  it('tries again after the pause, and doubles it up to an hour', async () => {
    for (let turn = 0; turn < 3; turn += 1) await flip(stack);
    const pauses: number[] = [];
    for (let turn = 0; turn < 8; turn += 1) {
      assert.equal(await flip(stack), 'left');
      const pause = stack.drift.againInMs ?? 0;
      pauses.push(pause / MINUTE);
      stack.clock.pass(pause - 1);
      await stack.run();
      assert.equal(stack.value(CONTRACT, 'scope'), 'global');
      stack.clock.pass(1);
      await stack.run();
      assert.equal(stack.value(CONTRACT, 'scope'), 'context');
    }
    assert.deepEqual(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
    assert.equal(stack.drift.rows[0]?.flips, 10);
  });

  it('lasts no longer when the clock is put back, and says when it ends by the clock that is set', async () => {
    for (let turn = 0; turn < 4; turn += 1) await flip(stack);
    stack.clock.set(-60 * MINUTE);
    assert.equal(stack.drift.againInMs, MINUTE);
    await stack.run();
    const end = new Date(stack.clock.now() + MINUTE).toISOString();
    assert.ok(stack.drift.findings[0]?.message.includes(`it is put back at ${end}`), stack.drift.findings[0]?.message);
    stack.clock.pass(MINUTE);
    await stack.run();
    assert.equal(stack.value(CONTRACT, 'scope'), 'context');
    stack.clock.pass(10 * MINUTE);
    await stack.run();
    assert.deepEqual(stack.drift.findings, []);
  });

  it('is over when a repair has held for the window', async () => {
    for (let turn = 0; turn < 4; turn += 1) await flip(stack);
    stack.clock.pass(MINUTE);
    await stack.run();
    stack.clock.pass(10 * MINUTE);
    await stack.run();
    assert.deepEqual(stack.drift.findings, []);
    assert.equal(await flip(stack), 'repaired');
    assert.equal(stack.drift.rows[0]?.flips, 0);
  });

  it('is over when the other side gives up by itself', async () => {
    for (let turn = 0; turn < 4; turn += 1) await flip(stack);
    stack.edit(CONTRACT, { scope: 'context' });
    await stack.run();
    assert.deepEqual(
      stack.drift.findings.filter(({ code }) => code === 'DRIFT_FIGHT'),
      [],
    );
  });

  it('repairs that are spread over more than the window are none', async () => {
    for (let turn = 0; turn < 10; turn += 1) {
      assert.equal(await flip(stack), 'repaired');
      stack.clock.pass(4 * MINUTE);
    }
  });

  it('backs off from one field, and not from others of the object', async () => {
    for (let turn = 0; turn < 4; turn += 1) await flip(stack);
    stack.remove(`${CONTRACT}/subj-flows`);
    await stack.run();
    assert.ok(stack.holds.has(`${CONTRACT}/subj-flows/outtmnl`));
    assert.equal(stack.value(CONTRACT, 'scope'), 'global');
  });

  it('backs off from an object that is deleted again and again', async () => {
    for (let turn = 0; turn < 4; turn += 1) {
      stack.remove(CONTRACT);
      await stack.run();
    }
    assert.ok(!stack.holds.has(CONTRACT));
    assert.equal(stack.drift.findings[0]?.code, 'DRIFT_FIGHT');
    stack.clock.pass(MINUTE);
    await stack.run();
    assert.ok(stack.holds.has(CONTRACT));
  });

  it('what is wanted anew is written in the middle of a fight', async () => {
    for (let turn = 0; turn < 4; turn += 1) await flip(stack);
    const object = stack.wanted.objects.get(CONTRACT) ?? assert.fail();
    const changed = { ...object, attributes: { ...object.attributes, scope: 'tenant' } };
    stack.wanted = { objects: new Map([...stack.wanted.objects, [CONTRACT, changed]]), references: [] };
    await stack.run();
    assert.equal(stack.value(CONTRACT, 'scope'), 'tenant');
  });
});
