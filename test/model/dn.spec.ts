import assert from 'node:assert/strict';
import { canonicalValue, flatten, managedObject, namingFromRn, parentDn, resolveDn, splitDn, toWire } from '#model/aci';

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
