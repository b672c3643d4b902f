import assert from 'node:assert/strict';
import fc from 'fast-check';
import { defaultConfiguration, fabricSettings } from '#config';
import { mapFabric } from '#mappers';
import { type FlatObject, flatten, parentDn } from '#model/aci';
import { NO_GRANTS, snapshotOf } from '#model/kubernetes';
import { EMPTY_ALLOCATION } from '#model/policy';
import { compile } from '#policy';
import { clusterArbitrary, type GeneratedCluster } from '#support/cluster-arbitrary';
import { isUnexplained, plainlyDiffers } from '#support/plain-proof';
import { FabricPicture } from '../../src/cli/picture/fabric-picture.js';
import type { PolicyState } from '../../src/cli/picture/policy-state.js';
import { verify } from '../../src/cli/verify/verification.js';

const configuration = defaultConfiguration();
const settings = fabricSettings(configuration);

function stateOf({ objects }: GeneratedCluster, vzAnyContracts: 'auto' | 'always' = 'auto'): PolicyState {
  const all = [
    ...objects.namespaces,
    ...objects.nodes,
    ...objects.pods,
    ...objects.policies,
    ...objects.tieredPolicies,
  ];
  const manifests = { objects: all, places: new Map<string, string>(), findings: [] };
  return {
    configuration,
    settings: { ...settings, vzAnyContracts },
    foreignEpgs: [],
    manifests,
    objects: all,
    snapshot: snapshotOf(objects, 1),
    grants: NO_GRANTS,
  };
}

const objectsOf = (state: PolicyState): readonly FlatObject[] =>
  flatten(
    mapFabric(compile(state.snapshot, EMPTY_ALLOCATION, { vlanPool: settings.vlanPool, foreignEpgs: [] }), settings)
      .tree,
    '',
  );

type Plant = (objects: readonly FlatObject[], pick: number) => readonly FlatObject[] | undefined;

/** One of the objects that the test holds, changed or, without a change, gone with all below it. */
const atOne =
  (wanted: (object: FlatObject) => boolean, change?: (object: FlatObject) => Readonly<Record<string, string>>): Plant =>
  (objects, pick) => {
    const candidates = objects.filter(wanted);
    const one = candidates[pick % candidates.length];
    if (one === undefined) return undefined;
    if (change === undefined) return objects.filter(({ dn }) => dn !== one.dn && !dn.startsWith(`${one.dn}/`));
    const attributes = { ...one.attributes, ...change(one) };
    return objects.map((object) => (object === one ? { ...object, attributes } : object));
  };

const isA =
  (...classes: readonly string[]) =>
  ({ className }: FlatObject): boolean =>
    classes.includes(className);

/** Two external EPGs that have each other's prefixes. */
const swapPrefixes: Plant = (objects, pick) => {
  const subnets = objects.filter(isA('l3extSubnet'));
  const one = subnets[pick % subnets.length];
  const other = subnets.find((subnet) => one !== undefined && parentDn(subnet.dn) !== parentDn(one.dn));
  if (one === undefined || other === undefined) return undefined;
  const moved = (subnet: FlatObject, to: FlatObject): FlatObject => {
    const ip = to.attributes['ip'] ?? '';
    return { ...subnet, dn: `${parentDn(subnet.dn)}/extsubnet-[${ip}]`, attributes: { ...subnet.attributes, ip } };
  };
  return objects.map((object) => (object === one ? moved(one, other) : object === other ? moved(other, one) : object));
};

const PLANTS: readonly { readonly what: string; readonly plant: Plant }[] = [
  { what: 'a relation that is gone', plant: atOne(isA('fvRsProv', 'fvRsCons', 'vzRsFiltAtt', 'fvRsIntraEpg')) },
  {
    what: 'an entry that is open to every port',
    plant: atOne(
      ({ className, attributes }) =>
        className === 'vzEntry' && (attributes['dFromPort'] ?? 'unspecified') !== 'unspecified',
      () => ({ dFromPort: '1', dToPort: '65535' }),
    ),
  },
  { what: 'an entry for another protocol', plant: atOne(isA('vzEntry'), () => ({ prot: 'icmp' })) },
  { what: 'prefixes that changed places', plant: swapPrefixes },
  {
    what: 'answers that need no connection',
    plant: atOne(
      ({ className, attributes }) => className === 'vzEntry' && (attributes['tcpRules'] ?? '').includes('est'),
      () => ({ tcpRules: 'unspecified' }),
    ),
  },
];

describe('verifying random clusters', () => {
  it('proves what the mappers make, every excess explained', () => {
    let points = 0;
    fc.assert(
      fc.property(clusterArbitrary, fc.constantFrom('auto' as const, 'always' as const), (cluster, vzAnyContracts) => {
        const state = stateOf(cluster, vzAnyContracts);
        const { proof } = verify(state, FabricPicture.wanted(state));
        points += proof.points;
        assert.equal(
          proof.differences,
          0,
          JSON.stringify(proof.counterExample, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
        );
      }),
      { numRuns: 150 },
    );
    assert.ok(points > 8000, `only ${points} points`);
  }).timeout(120_000);

  it('finds a binding that is gone whenever the pods behind it may do anything', () => {
    let found = 0;
    fc.assert(
      fc.property(clusterArbitrary, fc.nat(), (cluster, pick) => {
        const state = stateOf(cluster);
        const objects = objectsOf(state);
        const populated = FabricPicture.wanted(state).compiled.groups.flatMap((group) =>
          group.kind === 'pods' && group.members.length > 0 ? [`vlan-${group.vlan}`] : [],
        );
        const wrong = populated[pick % populated.length];
        if (wrong === undefined) return;
        const left = objects.filter(({ attributes }) => attributes['encap'] !== wrong);
        const { proof } = verify(state, FabricPicture.real(state, left, 'planted'));
        if (proof.differences > 0) found += 1;
      }),
      { numRuns: 60 },
    );
    assert.ok(found > 12, `found only ${found}`);
  }).timeout(120_000);

  for (const { what, plant } of PLANTS) {
    it(`${what}: found whenever a look at every single flow finds it, with a flow that does differ`, () => {
      const seen = { planted: 0, found: 0 };
      fc.assert(
        fc.property(clusterArbitrary, fc.nat(), (cluster, pick) => {
          const state = stateOf(cluster);
          const changed = plant(objectsOf(state), pick);
          if (changed === undefined) return;
          seen.planted += 1;
          const picture = FabricPicture.real(state, changed, 'planted');
          const { proof } = verify(state, picture);
          if (proof.counterExample === undefined) {
            assert.equal(plainlyDiffers(cluster, picture), false);
            return;
          }
          seen.found += 1;
          const { source, sourceAddress, destination, destinationAddress, ...flow } = proof.counterExample;
          const ends = { source: source.endpoint, sourceIp: sourceAddress.ip };
          const others = { destination: destination.endpoint, destinationIp: destinationAddress.ip };
          const classes = [sourceAddress.fabricClass, destinationAddress.fabricClass] as const;
          const sides = { state: cluster.state, evaluator: picture.evaluator };
          assert.ok(isUnexplained(sides, classes, { ...ends, ...others, ...flow }), JSON.stringify(flow));
        }),
        { numRuns: 60 },
      );
      assert.ok(seen.found > 1, JSON.stringify(seen));
    }).timeout(120_000);
  }
});
