import assert from 'node:assert/strict';
import { changesOf, type FabricPlan, LivePlan, type PlanOptions, planFabric } from '#fabric';
import { canonicalMap, type FlatObject, MARK_KEYS, markDn, type ObjectMap } from '#model/aci';
import { desiredStateOf } from '#support/desired-state';
import { OWN_FABRIC } from '#support/settings';

const TENANT = 'uni/tn-k8s';
const OPTIONS: PlanOptions = { references: [], clusterId: 'test', limits: { objects: 50 } };

const desiredFor = (...names: readonly string[]): ObjectMap =>
  desiredStateOf({
    namespaces: names.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
  }).objects;
const planBetween = (desired: ObjectMap, actual: ObjectMap): FabricPlan => planFabric({ ...OPTIONS, desired, actual });
const dnsOf = (plan: FabricPlan): readonly string[] => changesOf(plan).map(({ object: { dn } }) => dn);
const isOfTenant = (dn: string): boolean => dn.includes(`${TENANT}/`) || dn === TENANT;
const isInTenant = (dn: string): boolean => isOfTenant(dn) && dn.startsWith(TENANT);

const ADMINS: FlatObject = { className: 'fvTenant', dn: TENANT, attributes: { name: 'k8s' } };
const OWNER_MARK = markDn(TENANT, MARK_KEYS.owner);

describe('a tenant of our own that is somebody else’s', () => {
  it('is what the configuration of the test asks for', () => assert.ok(OWN_FABRIC.tenant.own));

  it('gets nothing below it, nor a binding of its groups; what is elsewhere is made', () => {
    const plan = planBetween(desiredFor('one', 'two'), canonicalMap([ADMINS]));
    assert.deepEqual(dnsOf(plan).filter(isOfTenant), []);
    assert.ok(dnsOf(plan).some((dn) => dn.startsWith('uni/phys-')));
    assert.deepEqual(
      plan.conflicts.map(({ code, severity, object }) => [code, severity, object]),
      [['NAME_IN_USE', 'error', `ACI/${TENANT}`]],
    );
    const message = plan.conflicts[0]?.message ?? '';
    assert.match(message, /nothing is written below it.*another name \(fabric\.tenant\.name\).*own: false/);
  });

  it('keeps what the gateway made there before it lost the tenant: nothing is changed or deleted any more', () => {
    const before = new Map(desiredFor('one', 'two'));
    before.delete(OWNER_MARK);
    const plan = planBetween(desiredFor('one', 'three'), before);
    assert.deepEqual(dnsOf(plan).filter(isInTenant), []);
    assert.ok(!dnsOf(plan).some((dn) => dn.includes('epg-three')));
    before.set(OWNER_MARK, {
      className: 'tagAnnotation',
      dn: OWNER_MARK,
      attributes: { key: MARK_KEYS.owner, value: 'test' },
    });
    assert.ok(dnsOf(planBetween(desiredFor('one', 'three'), before)).length > 2, 'it is ours again');
  });

  it('is noticed change by change as by a look at everything, when it is lost and when it is given back', () => {
    const live = new LivePlan('test');
    const actual = new Map(desiredFor('one', 'two'));
    const desired = desiredFor('one', 'three');
    const mark = actual.get(OWNER_MARK);
    assert.ok(mark !== undefined);
    live.update(desired, actual, undefined);
    const [deletion] = changesOf(live.plan(OPTIONS)).filter(
      ({ kind, object }) => kind === 'delete' && isInTenant(object.dn),
    );
    assert.ok(deletion !== undefined && live.has(deletion));
    for (const isLost of [true, false, true]) {
      if (isLost) actual.delete(OWNER_MARK);
      else actual.set(OWNER_MARK, mark);
      live.update(desired, actual, new Set([OWNER_MARK]));
      assert.equal(live.plan(OPTIONS).hash, planBetween(desired, actual).hash);
      assert.equal(live.has(deletion), !isLost);
    }
    const more = desiredFor('one', 'three', 'four');
    live.update(more, actual, new Set());
    assert.deepEqual(dnsOf(live.plan(OPTIONS)).filter(isInTenant), []);
    assert.equal(live.plan(OPTIONS).hash, planBetween(more, actual).hash);
  });
});
