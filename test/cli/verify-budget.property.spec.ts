import assert from 'node:assert/strict';
import fc from 'fast-check';
import { defaultConfiguration, fabricSettings } from '#config';
import { fabricOf } from '#mappers';
import { type FlatObject, flatten } from '#model/aci';
import { NO_GRANTS, snapshotOf } from '#model/kubernetes';
import { EMPTY_ALLOCATION } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { compileOpen, policiesOf } from '#policy';
import { clusterArbitrary, type GeneratedCluster } from '#support/cluster-arbitrary';
import { fitToBudget } from '#workers';
import { FabricPicture } from '../../src/cli/picture/fabric-picture.js';
import type { PolicyState } from '../../src/cli/picture/policy-state.js';
import { verify } from '../../src/cli/verify/verification.js';

const configuration = defaultConfiguration();

/** Settings of a fabric that is too small, in any way. */
const smallFabrics: fc.Arbitrary<FabricSettings> = fc
  .record({
    endpointGroups: fc.constantFrom(1, 2, 3, 15_000),
    externalGroups: fc.constantFrom(1, 2, 250),
    policyEntriesPerLeaf: fc.constantFrom(10, 30, 64_000),
    vlans: fc.constantFrom(1, 2, 2500),
    vzAnyContracts: fc.constantFrom('auto' as const, 'never' as const),
  })
  .map(({ vlans, vzAnyContracts, ...given }) => {
    const settings = fabricSettings(configuration);
    const limits = { ...settings.budget.limits, ...given };
    const vlanPool = { ...settings.vlanPool, from: 1000, to: 999 + vlans };
    return { ...settings, vzAnyContracts, vlanPool, budget: { ...settings.budget, limits } };
  });

function stateOf({ objects }: GeneratedCluster, settings: FabricSettings): PolicyState {
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
    settings,
    foreignEpgs: [],
    manifests,
    objects: all,
    snapshot: snapshotOf(objects, 1),
    grants: NO_GRANTS,
  };
}

function objectsOf({ snapshot, settings }: PolicyState): readonly FlatObject[] {
  const options = { vlanPool: settings.vlanPool, foreignEpgs: [] };
  const { compiler, compiled } = compileOpen(snapshot, EMPTY_ALLOCATION, options);
  const { mapper } = fitToBudget(compiled, { settings, policiesOf: policiesOf(compiler) });
  return flatten(fabricOf(mapper, settings).tree, '');
}

describe('verifying fabrics that are too small', () => {
  it('proves what is written, and what is read back: every excess is explained, nothing is denied', () => {
    let approximated = 0;
    fc.assert(
      fc.property(clusterArbitrary, smallFabrics, (cluster, settings) => {
        const state = stateOf(cluster, settings);
        const wanted = FabricPicture.wanted(state);
        const real = FabricPicture.real(state, objectsOf(state), 'read back');
        for (const picture of [wanted, real]) {
          const { proof } = verify(state, picture);
          approximated += proof.excesses.get('FABRIC_APPROXIMATED') ?? 0;
          assert.equal(proof.differences, 0, `${picture.origin}: ${proof.counterExample?.kind}`);
        }
      }),
      { numRuns: 150 },
    );
    assert.ok(approximated > 1000, `only ${approximated} points`);
  }).timeout(240_000);

  it('finds relations that are too many all the same', () => {
    let found = 0;
    fc.assert(
      fc.property(clusterArbitrary, smallFabrics, (cluster, settings) => {
        const state = stateOf(cluster, settings);
        const objects = objectsOf(state);
        // Nobody is kept apart any more from the members of its own group.
        const planted = objects.map((object) =>
          object.attributes['pcEnfPref'] === 'enforced' && object.className === 'fvAEPg'
            ? { ...object, attributes: { ...object.attributes, pcEnfPref: 'unenforced' } }
            : object,
        );
        if (verify(state, FabricPicture.real(state, planted, 'planted')).proof.differences > 0) found += 1;
      }),
      { numRuns: 300 },
    );
    assert.ok(found > 2, `found only ${found}`);
  }).timeout(240_000);
});
