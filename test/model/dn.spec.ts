import assert from 'node:assert/strict';
import {
  canonicalValue,
  type FlatObject,
  flatten,
  isOurs,
  MARK_KEYS,
  managedObject,
  markDn,
  namingFromRn,
  ORCHESTRATOR,
  parentDn,
  resolveDn,
  splitDn,
  toWire,
} from '#model/aci';

describe('model/aci: Dn', () => {
  it('splits at slashes outside brackets only', () => {
    assert.deepEqual(splitDn('uni/tn-a/ap-b/epg-c/rspathAtt-[topology/pod-1/paths-101/pathep-[eth1/1]]'), [
      'uni',
      'tn-a',
      'ap-b',
      'epg-c',
      'rspathAtt-[topology/pod-1/paths-101/pathep-[eth1/1]]',
    ]);
    assert.equal(parentDn('uni/tn-a/BD-b/subnet-[10.0.0.1/24]'), 'uni/tn-a/BD-b');
    assert.equal(parentDn('uni'), undefined);
  });

  it('reads naming properties with and without brackets', () => {
    assert.deepEqual(namingFromRn('fvSubnet', 'subnet-[10.0.0.1/24]'), { ip: '10.0.0.1/24' });
    assert.deepEqual(namingFromRn('fvTenant', 'tn-[x]'), { name: 'x' });
    assert.deepEqual(namingFromRn('fvnsVlanInstP', 'vlanns-[pool]-static'), { name: 'pool', allocMode: 'static' });
    assert.equal(namingFromRn('fvTenant', 'ap-x'), undefined);
  });

  it('resolves the class of every step, and says where a Dn leaves the model', () => {
    const resolved = resolveDn('uni/tn-t/ap-a/epg-e/rsprov-c/annotationKey-[k]');
    assert.ok(resolved.ok);
    assert.deepEqual(
      resolved.steps.map((step) => step.className),
      ['polUni', 'fvTenant', 'fvAp', 'fvAEPg', 'fvRsProv', 'tagAnnotation'],
    );
    assert.deepEqual(resolveDn('uni/tn-t/nonsense-x'), { ok: false, rn: 'nonsense-x', position: 9 });
  });

  it('flattens a tree into Dns, parents first, and writes attributes before children', () => {
    const tree = managedObject('fvTenant', { name: 't' }, [managedObject('fvAp', { name: 'a' })]);
    assert.deepEqual(
      flatten(tree, 'uni').map((object) => object.dn),
      ['uni/tn-t', 'uni/tn-t/ap-a'],
    );
    assert.equal(
      JSON.stringify(toWire(tree)),
      '{"fvTenant":{"attributes":{"name":"t"},"children":[{"fvAp":{"attributes":{"name":"a"}}}]}}',
    );
  });
});

describe('model/aci: parents and owners', () => {
  it('a slash inside brackets is part of a name, also where a bracket stands alone', () => {
    const cases: readonly (readonly [string, string | undefined])[] = [
      ['uni', undefined],
      ['uni/tn-a', 'uni'],
      ['uni/tn-a/out-b/instP-c/extsubnet-[10.0.0.0/8]', 'uni/tn-a/out-b/instP-c'],
      ['uni/infra/attentp-x/gen-default/rsfuncToEpg-[uni/tn-a/ap-b/epg-c]', 'uni/infra/attentp-x/gen-default'],
      ["uni/tn-a/ap-b/esg-c/epselector-[tag=='x[']", 'uni/tn-a/ap-b/esg-c'],
    ];
    for (const [dn, parent] of cases) assert.equal(parentDn(dn), parent, dn);
  });

  it('a mark that names nobody shields what is below it all the same', () => {
    const mark = (dn: string, attributes: Readonly<Record<string, string>>): FlatObject => ({
      className: 'tagAnnotation',
      dn: markDn(dn, MARK_KEYS.owner),
      attributes: { key: MARK_KEYS.owner, ...attributes },
    });
    const epg = { className: 'fvAEPg', dn: 'uni/tn-a/ap-b/epg-c', attributes: { annotation: ORCHESTRATOR } };
    const objects = new Map([mark('uni/tn-a', { value: 'test' }), epg].map((object) => [object.dn, object]));
    assert.ok(isOurs(objects, epg, 'test'));
    const nobodys = mark('uni/tn-a/ap-b', {});
    assert.ok(!isOurs(new Map([...objects, [nobodys.dn, nobodys]]), epg, 'test'));
  });
});

describe('model/aci: canonical values', () => {
  const cases: [string, string, string, string][] = [
    ['vzEntry', 'dFromPort', '80', 'http'],
    ['vzEntry', 'dFromPort', '8080', '8080'],
    ['vzEntry', 'prot', '6', 'tcp'],
    ['vzEntry', 'prot', '132', '132'],
    ['vzEntry', 'stateful', 'true', 'yes'],
    ['l3extSubnet', 'scope', 'shared-security,import-security', 'import-security,shared-security'],
    ['fvBD', 'mac', '00:22:bd:f8:19:ff', '00:22:BD:F8:19:FF'],
    ['fvTenant', 'descr', '80', '80'],
  ];
  for (const [className, property, given, expected] of cases) {
    it(`${className}.${property} ${given} → ${expected}`, () => {
      assert.equal(canonicalValue(className, property, given), expected);
    });
  }
});
