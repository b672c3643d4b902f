import assert from 'node:assert/strict';
import { driftEffect, driftPolicies, isOwnMark } from '#fabric';
import { classNames, classRow } from '#model/aci';
import { ADDED, DELETED, type DriftRule } from '#model/settings';

const of = (rules: readonly DriftRule[], className: string, field: string): string =>
  driftPolicies(rules)({ className, dn: 'uni/tn-k8s/x-y' }, field);

describe('drift policies', () => {
  it('by default: texts are adopted, service classes and flooding are reported, all that decides is repaired', () => {
    const fields: readonly (readonly [string, string])[] = [
      ['fvAEPg', 'descr'],
      ['vzBrCP', 'nameAlias'],
      ['fvAEPg', 'prio'],
      ['fvBD', 'arpFlood'],
      ['fvBD', 'unicastRoute'],
      ['fvAEPg', 'pcEnfPref'],
      ['vzEntry', 'dToPort'],
      ['vzBrCP', 'scope'],
      ['infraRsFuncToEpg', 'encap'],
      ['fvRsProv', DELETED],
      ['fvRsProv', ADDED],
    ];
    assert.deepEqual(
      fields.map(([className, field]) => of([], className, field)),
      ['adopt', 'adopt', 'report', 'report', ...Array.from({ length: 7 }, () => 'repair')],
    );
  });

  it('the first rule that fits counts, with patterns for both, and whole words', () => {
    const rules: readonly DriftRule[] = [
      { class: 'vzEntry', field: 'd*Port', policy: 'report' },
      { class: 'vz*', field: '*', policy: 'ignore' },
      { class: '*', field: DELETED, policy: 'adopt' },
    ];
    assert.equal(of(rules, 'vzEntry', 'dToPort'), 'report');
    assert.equal(of(rules, 'vzEntry', 'sToPort'), 'ignore');
    assert.equal(of(rules, 'vzBrCP', DELETED), 'ignore');
    assert.equal(of(rules, 'fvAEPg', DELETED), 'adopt');
    assert.equal(of(rules, 'fvAEPg', 'pcEnfPref'), 'repair');
    assert.equal(of([{ class: 'fvAEP', field: 'esc', policy: 'ignore' }], 'fvAEPg', 'descr'), 'adopt');
    assert.equal(of([{ class: 'fv.EPg', field: '*', policy: 'ignore' }], 'fvAEPg', 'pcEnfPref'), 'repair');
  });

  it('marks of the gateway are repaired whatever the rules say, those of others are not its business', () => {
    const rules: readonly DriftRule[] = [{ class: '*', field: '*', policy: 'ignore' }];
    const mark = (key: string) => ({ className: 'tagAnnotation', dn: `uni/tn-k8s/annotationKey-[${key}]` });
    const policies = driftPolicies(rules);
    for (const key of ['aci-gateway-owner', 'aci-gateway-hash', 'aci-gateway-joined', 'aci-gateway-joined.2']) {
      assert.ok(isOwnMark(mark(key)));
      assert.equal(policies(mark(key), 'value'), 'repair');
      assert.equal(policies(mark(key), DELETED), 'repair');
    }
    assert.ok(!isOwnMark(mark('cost-centre')) && !isOwnMark(mark('aci-gateway-ownership')));
    assert.equal(policies({ className: 'fvAEPg', dn: 'uni/tn-a/ap-b/epg-c' }, 'annotation'), 'repair');
    assert.equal(policies({ className: 'fvAEPg', dn: 'uni/tn-a/ap-b/epg-c' }, 'pcEnfPref'), 'ignore');
  });

  it('no class has a property of the name that stands for a whole object', () => {
    const taken = classNames().filter((name) =>
      [DELETED, ADDED].some((word) => word in (classRow(name)?.properties ?? {})),
    );
    assert.deepEqual(taken, []);
  });
});

describe('effect of a drift on traffic', () => {
  const effect = (className: string, field: string, found?: string): string => driftEffect({ className, field, found });

  it('follows from class and field', () => {
    assert.equal(effect('fvAEPg', 'descr', 'x'), 'none');
    assert.equal(effect('vzEntry', 'descr', 'x'), 'none');
    assert.equal(effect('fvBD', 'arpFlood', 'yes'), 'none');
    assert.equal(effect('tagAnnotation', 'value', 'x'), 'none');
    assert.equal(effect('fvAEPg', 'pcEnfPref', 'unenforced'), 'opens');
    assert.equal(effect('fvAEPg', 'pcEnfPref', 'enforced'), 'blocks');
    assert.equal(effect('fvCtx', 'pcEnfPref', 'unenforced'), 'opens');
    assert.equal(effect('fvAEPg', DELETED), 'blocks');
    assert.equal(effect('fvSubnet', 'scope', 'private'), 'blocks');
    assert.equal(effect('infraRsFuncToEpg', 'encap', 'vlan-7'), 'blocks');
    assert.equal(effect('fvSubnet', ADDED), 'opens');
  });

  it('of what may permit or deny is not known by class', () => {
    for (const className of ['vzEntry', 'vzBrCP', 'fvRsProv', 'fvRsIntraEpg', 'l3extSubnet', 'vzRsAnyToCons']) {
      for (const field of [DELETED, ADDED, 'x']) assert.equal(effect(className, field, 'y'), 'either', className);
    }
  });
});
