import assert from 'node:assert/strict';
import type { FlatObject } from '#model/aci';
import type { DriftRule } from '#model/settings';
import { desiredStateOf } from '#support/desired-state';
import { contentOf, DriftStack, shopWith } from '#support/drift-stack';
import type { WantedFabric } from '../../workers/desired-state.js';

const EPG = 'uni/tn-k8s/ap-k8s-test/epg-shop';
const GROUP = `${EPG}:f7zcsc`;
const ENTRY = 'uni/tn-k8s/flt-f-tcp-80/e-f-tcp-80';
const HTTP = desiredStateOf(shopWith(80));
const HTTPS = desiredStateOf(shopWith(443));
const REPORT: readonly DriftRule[] = [{ class: '*', field: '*', policy: 'report' }];

async function converged(wanted: WantedFabric, rules: readonly DriftRule[] = []): Promise<DriftStack> {
  const stack = new DriftStack(wanted, { rules });
  await stack.run();
  stack.posts.length = 0;
  return stack;
}

const equals = (stack: DriftStack, wanted: WantedFabric): void =>
  assert.deepEqual(contentOf(stack.holds), contentOf(wanted.objects));

/** HTTP with another text on the EPG. */
function called(descr: string): WantedFabric {
  const object = HTTP.objects.get(EPG) ?? assert.fail();
  const renamed = { ...object, attributes: { ...object.attributes, descr } };
  return { objects: new Map([...HTTP.objects, [EPG, renamed]]), references: [] };
}

describe('drift worker: what is no drift', () => {
  it('a wanted change is none, back and forth, and neither are events of it that come late', async () => {
    const stack = await converged(HTTP, REPORT);
    const before = stack.holds;
    stack.wanted = HTTPS;
    await stack.run();
    equals(stack, HTTPS);
    // Events of the first sync, which come after those of the change.
    for (const [dn, object] of before) {
      if (!HTTPS.objects.has(dn)) stack.fabric.changed({ kind: 'created', ...object });
      else if (object !== stack.holds.get(dn)) stack.fabric.changed({ kind: 'modified', ...object });
    }
    await stack.run();
    assert.deepEqual([stack.drift.rows, stack.drift.findings], [[], []]);
    equals(stack, HTTPS);
    stack.wanted = HTTP;
    await stack.run();
    const gone = [...HTTP.objects.values()].filter(({ dn }) => !HTTPS.objects.has(dn));
    for (const { className, dn } of gone) stack.fabric.changed({ kind: 'deleted', className, dn, attributes: {} });
    await stack.run();
    assert.deepEqual(stack.drift.rows, []);
    equals(stack, HTTP);
  });

  it('a value that the gateway wrote a moment ago, and not any more, is its own', async () => {
    const stack = await converged(HTTP, REPORT);
    for (const descr of ['first', 'second']) {
      stack.wanted = called(descr);
      await stack.run();
    }
    stack.fabric.changed({ kind: 'modified', className: 'fvAEPg', dn: EPG, attributes: { descr: 'first' } });
    await stack.run();
    assert.deepEqual([stack.drift.rows, stack.value(EPG, 'descr')], [[], 'second']);
    stack.clock.set(-3_600_000);
    stack.clock.pass(61_000);
    stack.edit(EPG, { descr: 'first' });
    await stack.run();
    assert.equal(
      stack.value(EPG, 'descr'),
      'first',
      'a minute later it is somebody’s edit, also when the clock is put back',
    );
  });

  it('what the APIC took is known at once: an edit right behind it is one', async () => {
    const stack = await converged(HTTP, REPORT);
    stack.wanted = HTTPS;
    await stack.applier.run(new AbortController().signal);
    const entry = 'uni/tn-k8s/flt-f-tcp-443/e-f-tcp-443';
    stack.edit(entry, { dToPort: '444' });
    await stack.run();
    assert.equal(stack.value(entry, 'dToPort'), '444');
    assert.equal(stack.drift.rows[0]?.dn, entry);
    stack.wanted = called('ours');
    await stack.applier.run(new AbortController().signal);
    stack.edit(EPG, { descr: 'mine' });
    await stack.run();
    assert.equal(stack.value(EPG, 'descr'), 'mine');
  });

  it('the same event twice is one edit, and no flip', async () => {
    const stack = await converged(HTTP);
    for (let turn = 0; turn < 5; turn += 1) {
      stack.edit(ENTRY, { dToPort: '81', modTs: '2026-01-31T10:00:00.000+00:00' });
      await stack.run();
    }
    assert.deepEqual(
      stack.drift.rows.map(({ flips, state }) => [flips, state]),
      [[0, 'repaired']],
    );
    assert.equal(stack.drift.driftCounts[0]?.count, 1);
  });

  it('an object whose name was somebody else’s, and is free now, is made as if for the first time', async () => {
    const stack = new DriftStack(HTTP, { rules: REPORT });
    stack.add({ className: 'fvAEPg', dn: EPG, attributes: { name: 'shop' } });
    await stack.run();
    assert.ok(stack.applier.findings.some(({ code }) => code === 'NAME_IN_USE'));
    stack.remove(EPG);
    await stack.run();
    assert.deepEqual(stack.drift.rows, []);
    equals(stack, HTTP);
  });
});

describe('drift worker: after a restart', () => {
  it('an edit shows by the hash of what was written: report leaves it, and finds it once', async () => {
    const stack = await converged(HTTP, REPORT);
    stack.edit(ENTRY, { dToPort: '81' });
    stack.remove(`${GROUP}/rsbd`);
    stack.restart();
    for (let turn = 0; turn < 3; turn += 1) await stack.run();
    assert.deepEqual(stack.posts, []);
    assert.deepEqual(stack.drift.rows.map(({ dn, field }) => `${dn} ${field}`).sort(), [
      `${GROUP}/rsbd deleted`,
      `${ENTRY} dToPort`,
    ]);
    assert.deepEqual(
      stack.drift.driftCounts.map(({ count }) => count),
      [1, 1],
    );
  });

  it('what was wanted anew meanwhile is written, though objects of before are there', async () => {
    const stack = await converged(HTTP, REPORT);
    stack.wanted = HTTPS;
    stack.restart();
    await stack.run();
    equals(stack, HTTPS);
    assert.deepEqual(stack.drift.rows, []);
  });

  it('a deleted whole leaves no trace: it is made anew', async () => {
    const stack = await converged(HTTP, REPORT);
    stack.remove(EPG);
    stack.restart();
    await stack.run();
    equals(stack, HTTP);
    assert.deepEqual(stack.drift.rows, []);
  });

  it('writes nothing where nothing was changed', async () => {
    const stack = await converged(HTTP);
    stack.restart();
    await stack.run();
    assert.deepEqual([stack.posts, stack.drift.rows], [[], []]);
  });

  it('what an ended process had not come to is done: isolation and removals come after the mark with the hash', async () => {
    const stack = await converged(HTTP, REPORT);
    // The process ended after the phase `policy`: the mark is written, members are not kept apart yet, a relation is left.
    stack.edit(GROUP, { pcEnfPref: 'unenforced' });
    const left: FlatObject = {
      className: 'fvRsProv',
      dn: `${GROUP}/rsprov-old`,
      attributes: { tnVzBrCPName: 'old', annotation: 'orchestrator:aci-gateway' },
    };
    stack.add(left);
    stack.restart();
    await stack.run();
    equals(stack, HTTP);
    assert.deepEqual(stack.drift.rows, []);
  });
});

describe('drift worker: a rollback of the APIC', () => {
  it('is repaired whatever the policies, and is one finding', async () => {
    const stack = await converged(HTTP, REPORT);
    const snapshot = stack.holds;
    stack.wanted = HTTPS;
    await stack.run();
    stack.clock.pass(120_000);
    stack.restore(snapshot);
    await stack.run();
    equals(stack, HTTPS);
    assert.deepEqual(stack.drift.rows, []);
    assert.deepEqual(
      stack.drift.findings.map(({ code, object }) => [code, object]),
      [['DRIFT', 'Fabric/test']],
    );
    assert.ok(stack.drift.driftCounts.every(({ policy }) => policy === 'repair'));
  });

  it('is repaired, too, where the gateway wrote what is back within the last minute, without a word', async () => {
    const stack = await converged(HTTP, REPORT);
    const snapshot = stack.holds;
    stack.wanted = HTTPS;
    await stack.run();
    stack.restore(snapshot);
    await stack.run();
    equals(stack, HTTPS);
    assert.deepEqual([stack.drift.rows, stack.drift.findings], [[], []]);
  });

  it('an edit at the same time is still one', async () => {
    const stack = await converged(HTTP, REPORT);
    const snapshot = stack.holds;
    stack.wanted = HTTPS;
    await stack.run();
    stack.clock.pass(120_000);
    stack.edit(EPG, { descr: 'mine' });
    stack.restore(new Map([...stack.holds, ...[...snapshot].filter(([dn]) => dn.startsWith(GROUP))]));
    await stack.run();
    assert.deepEqual(
      stack.drift.rows.map(({ dn, field }) => [dn, field]),
      [[EPG, 'descr']],
    );
    assert.equal(stack.value(EPG, 'descr'), 'mine');
    assert.equal(stack.value(GROUP, 'pcEnfPref'), HTTPS.objects.get(GROUP)?.attributes['pcEnfPref']);
  });

  it('ends an adoption: the object is not what it was when the value was taken on', async () => {
    const stack = await converged(HTTP);
    const snapshot = stack.holds;
    const changed = new Map(HTTP.objects);
    for (const [dn, object] of HTTP.objects) {
      const isHash = dn === `${EPG}/annotationKey-[aci-gateway-hash]`;
      if (isHash) changed.set(dn, { ...object, attributes: { ...object.attributes, value: 'newer' } });
      if (dn === EPG) changed.set(dn, { ...object, attributes: { ...object.attributes, descr: 'newer' } });
    }
    stack.wanted = { objects: changed, references: [] };
    await stack.run();
    stack.edit(EPG, { descr: 'mine' });
    await stack.run();
    assert.equal(stack.drift.rows[0]?.policy, 'adopt');
    stack.clock.pass(120_000);
    stack.restore(snapshot);
    await stack.run();
    equals(stack, stack.wanted);
  });
});
