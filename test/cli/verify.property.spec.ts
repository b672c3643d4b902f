import assert from 'node:assert/strict';
import fc from 'fast-check';
import { defaultConfiguration, fabricSettings } from '#config';
import { mapFabric } from '#mappers';
import { type FlatObject, flatten } from '#model/aci';
import { snapshotOf } from '#model/kubernetes';
import { EMPTY_ALLOCATION } from '#model/policy';
import { compile } from '#policy';
import { clusterArbitrary, type GeneratedCluster, networkPolicyClusters } from '#support/cluster-arbitrary';
import { FabricPicture } from '../../src/cli/picture/fabric-picture.js';
import type { PolicyState } from '../../src/cli/picture/policy-state.js';
import { verify } from '../../src/cli/verify/verification.js';

const configuration = defaultConfiguration();
const settings = fabricSettings(configuration);

function stateOf({ objects }: GeneratedCluster): PolicyState {
  const all = [...objects.namespaces, ...objects.nodes, ...objects.pods, ...objects.policies];
  const manifests = { objects: all, places: new Map<string, string>(), findings: [] };
  return { configuration, settings, foreignEpgs: [], manifests, objects: all, snapshot: snapshotOf(objects, 1) };
}

const objectsOf = (state: PolicyState): readonly FlatObject[] =>
  flatten(
    mapFabric(compile(state.snapshot, EMPTY_ALLOCATION, { vlanPool: settings.vlanPool, foreignEpgs: [] }), settings)
      .tree,
    '',
  );

/** Objects without which an allowed flow no longer passes, or its answers do not. */
const CARRIERS = new Set(['fvRsProv', 'fvRsCons', 'vzRsFiltAtt', 'infraRsFuncToEpg']);

describe('verifying random clusters', () => {
  it('proves what the mappers make, every excess explained', () => {
    let points = 0;
    fc.assert(
      fc.property(networkPolicyClusters, (cluster) => {
        const state = stateOf(cluster);
        const { proof } = verify(state, FabricPicture.wanted(state));
        points += proof.points;
        assert.equal(proof.differences, 0, JSON.stringify(proof.counterExample?.kind));
      }),
      { numRuns: 150 },
    );
    assert.ok(points > 20_000, `only ${points} points`);
  }).timeout(120_000);

  it('finds a binding that is gone whenever the pods behind it may do anything', () => {
    let found = 0;
    fc.assert(
      fc.property(networkPolicyClusters, fc.nat(), (cluster, pick) => {
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
    assert.ok(found > 30, `found only ${found}`);
  }).timeout(120_000);

  it('finds relations that are gone: less is never proved', () => {
    const seen = { planted: 0, found: 0 };
    fc.assert(
      fc.property(networkPolicyClusters, fc.nat(), (cluster, pick) => {
        const state = stateOf(cluster);
        const objects = objectsOf(state);
        const carriers = objects.filter(({ className, dn }) => CARRIERS.has(className) && dn.includes('subj-flows'));
        const gone = carriers[pick % carriers.length];
        if (gone === undefined) return;
        seen.planted += 1;
        const left = objects.filter(({ dn }) => dn !== gone.dn && !dn.startsWith(`${gone.dn}/`));
        const { proof } = verify(state, FabricPicture.real(state, left, 'planted'));
        // SCTP that is permitted both ways by another contract, or a group without pods, makes no difference.
        if (proof.differences > 0) seen.found += 1;
      }),
      { numRuns: 100 },
    );
    assert.ok(seen.planted > 20 && seen.found > seen.planted * 0.8, JSON.stringify(seen));
  }).timeout(120_000);

  it('refuses policies of the tiers around NetworkPolicy instead of proving half of what holds', () => {
    const [cluster] = fc.sample(
      clusterArbitrary.filter(({ objects }) => objects.tieredPolicies.length > 0),
      1,
    );
    assert.ok(cluster !== undefined);
    const state = stateOf(cluster);
    assert.throws(() => verify(state, FabricPicture.wanted(state)), /covers NetworkPolicies only so far/);
  });
});
