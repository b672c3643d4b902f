import assert from 'node:assert/strict';
import { capacityOf, entriesOnFullestLeaf, leafBindings } from '#fabric';
import { type FlatObject, flatten, managedObject } from '#model/aci';
import { DEFAULT_LIMITS, type Resource } from '#model/settings';

// Three EPGs of one VRF: web on leaf 101 and on the pair 101 and 102, db on leaf 103, lone on leaf 103.
const ONE = 'topology/pod-1/paths-101/pathep-[eth1/1]';
const PAIR = 'topology/pod-1/protpaths-101-102/pathep-[vpc-2]';
const THREE = 'topology/pod-1/paths-103/pathep-[eth1/3]';
const OTHER = 'topology/pod-1/paths-103/extpaths-110/pathep-[eth1/4]';

const epg = (name: string, bound: readonly (readonly [string, number])[], relations: readonly string[] = []) =>
  managedObject('fvAEPg', { name, pcEnfPref: 'unenforced' }, [
    managedObject('fvRsBd', { tnFvBDName: 'b' }),
    ...relations.map((className) => managedObject(className, { tnVzBrCPName: 'c' })),
    ...bound.map(([tDn, vlan]) => managedObject('fvRsPathAtt', { tDn, encap: `vlan-${vlan}` })),
  ]);

function objectsWith(...more: Parameters<typeof epg>[]): readonly FlatObject[] {
  const entry = managedObject('vzEntry', { name: 'f', etherT: 'ip', prot: 'tcp', dFromPort: '80', dToPort: '80' });
  const term = managedObject('vzInTerm', {}, [managedObject('vzRsFiltAtt', { tnVzFilterName: 'f' })]);
  const tenant = managedObject('fvTenant', { name: 't' }, [
    managedObject('fvCtx', { name: 'v' }),
    managedObject('fvBD', { name: 'b' }, [managedObject('fvRsCtx', { tnFvCtxName: 'v' })]),
    managedObject('vzFilter', { name: 'f' }, [entry]),
    managedObject('vzBrCP', { name: 'c' }, [managedObject('vzSubj', { name: 's' }, [term])]),
    managedObject(
      'fvAp',
      { name: 'a' },
      more.map((one) => epg(...one)),
    ),
  ]);
  return flatten(managedObject('polUni', {}, [tenant]), '');
}

const OBJECTS = objectsWith(
  [
    'web',
    [
      [ONE, 100],
      [PAIR, 100],
    ],
    ['fvRsProv'],
  ],
  ['db', [[THREE, 100]], ['fvRsCons']],
  [
    'lone',
    [
      [THREE, 101],
      [OTHER, 101],
    ],
  ],
);

const used = (resource: Resource): number | undefined =>
  capacityOf(OBJECTS, { hostPortsPerLeaf: 48, limits: DEFAULT_LIMITS }).find((use) => use.resource === resource)?.used;

describe('what path bindings put on leaves', () => {
  it('counts VLANs and ports on every leaf by itself, bundles of a pair on both', () => {
    assert.deepEqual(
      leafBindings(OBJECTS).map(({ leaf, groups, vlans, portVlans }) => [leaf, groups.size, vlans, portVlans]),
      [
        ['101', 1, 1, 2],
        ['102', 1, 1, 1],
        ['103', 2, 2, 3],
      ],
    );
    assert.equal(used('vlansPerLeaf'), 2 + 1, 'the two of leaf 103 and the bridge domain');
    assert.equal(used('portVlansPerLeaf'), 3, 'however many ports a leaf has');
  });

  it('counts a rule on the leaves of its two sides, and one about everyone on all', () => {
    const [web, db, lone] = ['web', 'db', 'lone'].map((name) => `uni/tn-t/ap-a/epg-${name}`);
    const rule = (source = '', destination = '', entries = 1) => ({ source, destination, entries });
    const leaves = leafBindings(OBJECTS);
    assert.equal(entriesOnFullestLeaf([rule(web, 'uni/tn-t/out-o/instP-x', 5)], leaves), 5);
    assert.equal(entriesOnFullestLeaf([rule(web, db, 5), rule(web, web, 7), rule(lone, lone, 11)], leaves), 16);
    assert.equal(entriesOnFullestLeaf([rule(web, web, 5), rule(db, db, 7), rule('any', db, 3)], leaves), 10);
    assert.equal(entriesOnFullestLeaf([rule('uni/elsewhere', 'uni/elsewhere', 5)], leaves), 0);
  });

  it('holds the rules of the whole VRF as soon as one group is bound at the AEP', () => {
    const atProfile = flatten(
      managedObject('infraRsFuncToEpg', { tDn: 'uni/tn-t/ap-a/epg-web', encap: 'vlan-9' }),
      'uni/infra/attentp-p/gen-default',
    );
    const entries = (objects: readonly FlatObject[]): number | undefined =>
      capacityOf(objects, { hostPortsPerLeaf: 1, limits: DEFAULT_LIMITS }).find(
        ({ resource }) => resource === 'policyEntriesPerLeaf',
      )?.used;
    // Isolation of a group is a rule that only its own leaves need.
    const isolated = OBJECTS.map(({ attributes, ...object }) => ({
      ...object,
      attributes: object.className === 'fvAEPg' ? { ...attributes, pcEnfPref: 'enforced' } : attributes,
    }));
    const [some, all] = [entries(isolated) ?? 0, entries([...isolated, ...atProfile]) ?? 0];
    assert.ok(some < all, `${some} of ${all}`);
  });
});
