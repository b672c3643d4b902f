import assert from 'node:assert/strict';
import { GatewayError } from '#errors';
import { canonicalObject, ORCHESTRATOR } from '#model/aci';
import type { DriftRule } from '#model/settings';
import { desiredStateOf } from '#support/desired-state';
import { contentOf, DriftStack, type DriftStackOptions, shopWith } from '#support/drift-stack';
import { OWN_FABRIC } from '#support/settings';

const EPG = 'uni/tn-k8s/ap-k8s-test/epg-shop';
const CONTRACT = 'uni/tn-k8s/brc-shop:f7zcsc_tcp-80';
const ENTRY = 'uni/tn-k8s/flt-f-tcp-80/e-f-tcp-80';
const SHOP = desiredStateOf(shopWith(80));

/** A stack that is converged, with nothing posted yet that a test would count. */
async function converged(options: DriftStackOptions = {}): Promise<DriftStack> {
  const stack = new DriftStack(SHOP, options);
  await stack.run();
  assert.ok(stack.applier.settled);
  assert.deepEqual(stack.drift.rows, [], 'a first sync is no drift');
  stack.posts.length = 0;
  return stack;
}

const rule = (policy: DriftRule['policy'], field = '*', className = '*'): DriftRule => ({
  class: className,
  field,
  policy,
});

/** The desired state with attributes of one object changed. */
const wanting = (dn: string, attributes: Readonly<Record<string, string>>) => {
  const object = SHOP.objects.get(dn) ?? assert.fail(`${dn} is not wanted`);
  const changed = { ...object, attributes: { ...object.attributes, ...attributes } };
  return { objects: new Map([...SHOP.objects, [dn, changed]]), references: SHOP.references };
};

describe('drift worker: what becomes of an edit', () => {
  it('repair: puts it back at once, and says what, of which object, and to whom', async () => {
    const stack = await converged();
    stack.audit.set(`${CONTRACT}/subj-flows/intmnl/rsfiltAtt-f-tcp-80`, [
      { user: 'acigw', at: '2026-01-31T10:00:01.000+00:00', kind: 'creation', changeSet: 'tnVzFilterName:f-tcp-80' },
      { user: 'bob', at: '2026-01-31T10:00:00.000+00:00', kind: 'deletion', changeSet: '' },
    ]);
    stack.remove(`${CONTRACT}/subj-flows/intmnl/rsfiltAtt-f-tcp-80`);
    await stack.run();
    assert.deepEqual(contentOf(stack.holds), contentOf(SHOP.objects));
    const [row] = stack.drift.rows;
    assert.deepEqual(
      [row?.field, row?.policy, row?.state, row?.author?.user, row?.sources],
      ['deleted', 'repair', 'repaired', 'bob', ['NetworkPolicy/shop/allow-web']],
    );
    assert.deepEqual(
      stack.events.map(({ object, type, reason }) => [object, type, reason]),
      [['NetworkPolicy/shop/allow-web', 'Normal', 'DriftRepaired']],
    );
    assert.match(
      stack.events[0]?.message ?? '',
      /rsfiltAtt-f-tcp-80: the object was deleted \(bob, 2026-.*\); put back$/,
    );
    const [finding] = stack.applier.findings.filter(({ code }) => code === 'DRIFT');
    assert.deepEqual([finding?.severity, finding?.object], ['info', `ACI/${row?.dn}`]);
    assert.deepEqual(stack.drift.driftCounts, [{ policy: 'repair', className: 'vzRsFiltAtt', count: 1 }]);
  });

  it('names nobody for what somebody else does while the audit log is asked', async () => {
    const stack = await converged({ rules: [rule('report')] });
    const said = (user: string, port: string) => ({
      user,
      at: '2026-01-31T10:00:00.000+00:00',
      kind: 'modification',
      changeSet: `dToPort (Old: http, New: ${port})`,
    });
    const authors = (): unknown => stack.drift.rows.map(({ found, author }) => [found, author?.user]);
    stack.audit.set(ENTRY, [said('alice', '81')]);
    stack.edit(ENTRY, { dToPort: '81' });
    stack.onLookup = () => {
      stack.onLookup = () => undefined;
      stack.edit(ENTRY, { dToPort: '82' });
      void stack.applier.run(new AbortController().signal);
    };
    await stack.run();
    assert.deepEqual(authors(), [['82', undefined]]);
    stack.audit.set(ENTRY, [said('bob', '82'), said('alice', '81')]);
    await stack.run();
    assert.deepEqual(authors(), [['82', 'bob']]);
  });

  it('repair: the finding and the row go when the repair has held for the window', async () => {
    const stack = await converged();
    stack.edit(ENTRY, { dToPort: '81' });
    await stack.run();
    assert.equal(stack.drift.rows.length, 1);
    stack.clock.pass(600_000);
    assert.deepEqual([stack.drift.rows, stack.drift.findings], [[], []]);
    assert.equal(stack.drift.driftCounts[0]?.count, 1, 'what was counted stays');
  });

  it('takes no bridge that is still to be made for one that somebody deleted, and puts back one that somebody does', async () => {
    const stack = await converged();
    const bridge = canonicalObject({
      className: 'fvRsCons',
      dn: `${EPG}/rscons-other`,
      attributes: { tnVzBrCPName: 'other', annotation: ORCHESTRATOR },
    });
    const objects = new Map([...SHOP.objects, [bridge.dn, bridge]]);
    stack.wanted = { objects, references: SHOP.references, bridges: new Set([bridge.dn]) };
    await stack.run();
    assert.equal(stack.value(bridge.dn, 'tnVzBrCPName'), 'other');
    assert.deepEqual(stack.drift.rows, []);
    stack.remove(bridge.dn);
    await stack.run();
    assert.equal(stack.value(bridge.dn, 'tnVzBrCPName'), 'other');
    assert.deepEqual(
      stack.drift.rows.map(({ dn, field, state }) => [dn, field, state]),
      [[bridge.dn, 'deleted', 'repaired']],
    );
  });

  it('report: writes nothing, and finds each edit once', async () => {
    const stack = await converged({ rules: [rule('report')] });
    stack.edit(ENTRY, { dToPort: '81' });
    for (let turn = 0; turn < 3; turn += 1) await stack.run();
    assert.deepEqual(stack.posts, []);
    assert.deepEqual(stack.drift.driftCounts, [{ policy: 'report', className: 'vzEntry', count: 1 }]);
    const [finding, ...others] = stack.drift.findings;
    assert.deepEqual(others, []);
    assert.equal(finding?.severity, 'warning');
    assert.match(finding?.message ?? '', /^dToPort is '81', and the gateway wants 'http'; left as it is/);
    assert.match(finding?.message ?? '', /may block what policies allow or permit what none allows$/);
    assert.ok(stack.applier.settled);
    stack.edit(ENTRY, { dToPort: '82' });
    await stack.run();
    assert.equal(stack.drift.driftCounts[0]?.count, 2, 'another value is another edit');
    stack.edit(ENTRY, { dToPort: 'http' });
    await stack.run();
    assert.deepEqual(stack.drift.findings, [], 'whoever did it put it back');
  });

  it('report: is what an audit of the plan finds, too, when the same is wanted anew', async () => {
    const stack = await converged({ rules: [rule('report')] });
    stack.edit(ENTRY, { dToPort: '81' });
    await stack.run();
    stack.wanted = { ...SHOP, objects: structuredClone(new Map(SHOP.objects)) };
    assert.equal(stack.applier.audit(), false);
    assert.deepEqual(stack.applier.audits, { done: 1, differences: 0 });
  });

  it('report: what the gateway wants anew is written over it', async () => {
    const stack = await converged({ rules: [rule('report')] });
    stack.edit(ENTRY, { dToPort: '81' });
    await stack.run();
    stack.wanted = wanting(ENTRY, { dToPort: '8443' });
    await stack.run();
    assert.equal(stack.value(ENTRY, 'dToPort'), '8443');
    assert.deepEqual(stack.drift.rows, []);
  });

  it('adopt: keeps the value, also when the gateway would want another, until somebody gives it up', async () => {
    const stack = await converged();
    stack.edit(EPG, { descr: 'the shop of Ann' });
    await stack.run();
    assert.deepEqual(stack.posts, []);
    assert.deepEqual(
      stack.drift.rows.map(({ field, policy, state }) => [field, policy, state]),
      [['descr', 'adopt', 'standing']],
    );
    assert.equal(stack.drift.findings[0]?.severity, 'info');
    assert.equal(stack.events[0]?.reason, 'DriftAdopted');
    stack.wanted = wanting(EPG, { descr: 'renamed', pcEnfPref: 'enforced' });
    await stack.run();
    assert.equal(stack.value(EPG, 'descr'), 'the shop of Ann');
    assert.equal(stack.value(EPG, 'pcEnfPref'), 'enforced', 'what else is wanted is done');
    stack.edit(EPG, { descr: 'renamed' });
    await stack.run();
    assert.deepEqual(stack.drift.rows, [], 'there is nothing to keep any more');
    stack.wanted = wanting(EPG, { descr: 'renamed again', pcEnfPref: 'enforced' });
    await stack.run();
    assert.equal(stack.value(EPG, 'descr'), 'renamed again');
  });

  it('adopt: is found again after a restart, by the hash of what was written', async () => {
    const stack = await converged();
    stack.edit(EPG, { descr: 'the shop of Ann' });
    await stack.run();
    stack.restart();
    await stack.run();
    assert.deepEqual(stack.posts, []);
    assert.equal(stack.value(EPG, 'descr'), 'the shop of Ann');
    assert.equal(stack.drift.rows[0]?.policy, 'adopt');
  });

  it('ignore: is silent where nothing is harmed, and says so where something may be', async () => {
    const stack = await converged({ rules: [rule('ignore')] });
    stack.edit(EPG, { descr: 'the shop of Ann' });
    await stack.run();
    assert.deepEqual([stack.posts, stack.events, stack.drift.findings], [[], [], []]);
    assert.equal(stack.drift.rows[0]?.policy, 'ignore');
    stack.edit(`${EPG}:f7zcsc`, { pcEnfPref: 'unenforced' });
    await stack.run();
    assert.deepEqual([stack.posts, stack.events, stack.lookups], [[], [], 0]);
    const [finding] = stack.drift.findings;
    assert.equal(finding?.severity, 'warning');
    assert.match(finding?.message ?? '', /may permit what no policy allows$/);
  });

  it('of two fields of one object each has its own policy, and the mirror keeps what was left', async () => {
    const stack = await converged();
    stack.edit(EPG, { descr: 'the shop of Ann', pcEnfPref: 'enforced' });
    await stack.run();
    assert.deepEqual([stack.value(EPG, 'descr'), stack.value(EPG, 'pcEnfPref')], ['the shop of Ann', 'unenforced']);
    assert.equal(stack.fabric.objects.get(EPG)?.attributes['descr'], 'the shop of Ann');
    const states = new Map(stack.drift.rows.map(({ field, state }) => [field, state]));
    assert.deepEqual([states.size, states.get('descr'), states.get('pcEnfPref')], [2, 'standing', 'repaired']);
  });

  it('goes on without the audit log, and tells who it was only where a record fits', async () => {
    const stack = await converged();
    stack.auditFailure = new Error('no rights');
    stack.edit(CONTRACT, { scope: 'global' });
    await stack.run();
    assert.equal(stack.value(CONTRACT, 'scope'), 'context');
    assert.match(stack.events[0]?.message ?? '', /scope is 'global', and the gateway wants 'context'; put back$/);
    assert.equal(stack.drift.rows[0]?.author, undefined);
  });

  it('asks the audit log so often and no more', async () => {
    const stack = await converged();
    const leaves = [...SHOP.objects.values()].filter(
      ({ className }) => className === 'vzEntry' || /Rs/.test(className),
    );
    assert.ok(leaves.length > 20);
    for (const { dn } of leaves) stack.remove(dn);
    await stack.run();
    assert.equal(stack.lookups, 20);
    assert.deepEqual(contentOf(stack.holds), contentOf(SHOP.objects));
  });

  it('tells one object of Kubernetes once of all that happened to what it asked for', async () => {
    const stack = await converged();
    const of = [...SHOP.objects.keys()].filter((dn) => dn.startsWith(`${CONTRACT}/`) && /rsfiltAtt/.test(dn));
    stack.edit(CONTRACT, { scope: 'global' });
    for (const dn of of) stack.remove(dn);
    await stack.run();
    assert.equal(stack.drift.rows.length, 1 + of.length);
    assert.equal(stack.events.length, 1);
  });

  it('stays at the same when the APIC does not take the repair at once', async () => {
    const stack = await converged();
    stack.edit(ENTRY, { dToPort: '81' });
    stack.postFailure = new GatewayError('APIC_BUSY', 'busy', { disposition: 'retry' });
    for (let turn = 0; turn < 3; turn += 1) await assert.rejects(stack.run());
    assert.equal(stack.drift.rows[0]?.state, 'standing');
    stack.postFailure = undefined;
    await stack.run();
    assert.deepEqual(
      stack.drift.rows.map(({ state, flips }) => [state, flips]),
      [['repaired', 0]],
    );
    assert.equal(stack.drift.driftCounts[0]?.count, 1);
  });

  it('knows its own write by its late event, also where the APIC took long to answer, or its answer was lost', async () => {
    for (const isLost of [false, true]) {
      const stack = await converged();
      stack.onPost = () => stack.clock.pass(61_000);
      stack.wanted = wanting(ENTRY, { dToPort: '8443' });
      if (isLost) {
        stack.mishap = { after: 0, kind: 'answer lost' };
        await assert.rejects(stack.run());
      } else {
        await stack.run();
      }
      stack.onPost = () => undefined;
      stack.wanted = SHOP;
      await stack.run();
      stack.clock.pass(1000);
      stack.fabric.changed({ kind: 'modified', className: 'vzEntry', dn: ENTRY, attributes: { dToPort: '8443' } });
      await stack.run();
      assert.deepEqual([stack.drift.rows, stack.drift.driftCounts], [[], []], `${isLost}`);
    }
  });

  it('leaves alone what it does not make: children and fields of others', async () => {
    const stack = await converged();
    stack.add({ className: 'fvRsCons', dn: `${EPG}/rscons-theirs`, attributes: { tnVzBrCPName: 'theirs' } });
    stack.edit(EPG, { nameAlias: 'Shop', prio: 'level1' });
    await stack.run();
    assert.deepEqual([stack.posts, stack.drift.rows], [[], []]);
  });
});

describe('drift worker: objects that are gone or too many', () => {
  it('puts back a deleted object with all below it, and counts it once', async () => {
    const stack = await converged();
    stack.remove(EPG);
    await stack.run();
    assert.deepEqual(contentOf(stack.holds), contentOf(SHOP.objects));
    assert.deepEqual(
      stack.drift.rows.map(({ dn, field }) => [dn, field]),
      [[EPG, 'deleted']],
    );
    assert.equal(stack.events[0]?.object, 'Namespace/shop');
  });

  it('report: makes nothing below what stays deleted, also what is wanted anew', async () => {
    const stack = await converged({ rules: [rule('report', 'deleted', 'fvAEPg')] });
    stack.remove(EPG);
    await stack.run();
    assert.deepEqual(stack.posts, []);
    assert.match(
      stack.drift.findings[0]?.message ?? '',
      /the object was deleted; left .* may block what policies allow$/,
    );
    const relation = `${EPG}/rscons-new`;
    const attributes = { tnVzBrCPName: 'new', annotation: ORCHESTRATOR };
    const object = { className: 'fvRsCons', dn: relation, attributes };
    stack.wanted = { objects: new Map([...SHOP.objects, [relation, object]]), references: [] };
    await stack.run();
    assert.deepEqual(stack.posts, []);
    assert.ok(!stack.holds.has(EPG));
  });

  it('waits for an admin’s tenant that is gone, and only then speaks of what was deleted with it', async () => {
    const settings = { ...OWN_FABRIC, tenant: { name: 'k8s', own: false } };
    const shared = desiredStateOf(shopWith(80), 1, settings);
    const tenant = { className: 'fvTenant', dn: 'uni/tn-k8s', attributes: { name: 'k8s', descr: 'of the admins' } };
    const stack = new DriftStack(shared);
    stack.add(tenant);
    await stack.run();
    const { holds } = stack;
    stack.posts.length = 0;
    stack.remove(tenant.dn);
    await stack.run();
    assert.deepEqual([stack.posts, stack.drift.rows, stack.applier.missing], [[], [], [tenant.dn]]);
    stack.add(tenant);
    await stack.run();
    assert.deepEqual(contentOf(stack.holds), contentOf(holds));
    assert.ok(stack.drift.rows.some(({ dn, state }) => dn === EPG.replace(/\/epg-.*/, '') && state === 'repaired'));
  });

  it('puts back an AEP with the bindings below it', async () => {
    const stack = await converged({ rules: [rule('report', 'deleted', 'fvAEPg')] });
    stack.remove('uni/infra/attentp-k8s-test');
    await stack.run();
    assert.deepEqual(contentOf(stack.holds), contentOf(SHOP.objects));
    assert.deepEqual(
      stack.drift.rows.map(({ dn }) => dn),
      ['uni/infra/attentp-k8s-test'],
    );
  });

  it('removes what was added with the mark, or leaves it where a rule says so', async () => {
    const entry = {
      className: 'vzEntry',
      dn: 'uni/tn-k8s/flt-f-tcp-80/e-more',
      attributes: { name: 'more', annotation: ORCHESTRATOR },
    };
    const repairing = await converged();
    repairing.add(entry);
    await repairing.run();
    assert.ok(!repairing.holds.has(entry.dn));
    assert.equal(repairing.drift.rows[0]?.field, 'added');
    const reporting = await converged({ rules: [rule('report', 'added')] });
    reporting.add(entry);
    await reporting.run();
    assert.ok(reporting.holds.has(entry.dn));
    assert.equal(reporting.drift.rows[0]?.policy, 'report');
  });

  it('repairs its own marks, whatever the rules say', async () => {
    const stack = await converged({ rules: [rule('ignore')] });
    const source = `${CONTRACT}/annotationKey-[aci-gateway-source]`;
    stack.edit(source, { value: 'none' });
    stack.edit(ENTRY, { annotation: '' });
    stack.remove(`${EPG}/annotationKey-[aci-gateway-signature]`);
    await stack.run();
    assert.deepEqual(contentOf(stack.holds), contentOf(SHOP.objects));
    assert.equal(stack.drift.rows.length, 3);
  });
});
