import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fabricSettings, parseConfiguration } from '#config';
import { encodePolicy, groupPools, mapFabric } from '#mappers';
import { type FlatObject, flatten } from '#model/aci';
import { type KubernetesObject, NO_GRANTS, snapshotOf } from '#model/kubernetes';
import { EMPTY_ALLOCATION } from '#model/policy';
import { compile } from '#policy';
import { type GeneratedCluster, networkPolicyClusters } from '#support/cluster-arbitrary';
import { FabricPicture } from '../../src/cli/picture/fabric-picture.js';
import type { PolicyState } from '../../src/cli/picture/policy-state.js';
import { verify } from '../../src/cli/verify/verification.js';

// Pods run on n1, behind leaf 101, and on n2, behind the pair of leaves 101 and 102.
const configuration = parseConfiguration(
  'test',
  `fabric:
    encoding: path
    hostPaths:
      n1: ['topology/pod-1/paths-101/pathep-[eth1/1]']
      n2: ['topology/pod-1/protpaths-101-102/pathep-[{node}]']`,
);
const settings = fabricSettings(configuration);

function stateOf({ objects }: GeneratedCluster, nodes: readonly boolean[]): PolicyState {
  const pods = objects.pods.map(
    (pod, index): KubernetesObject => ({
      ...pod,
      spec: { ...(pod['spec'] as object), nodeName: nodes[index] === true ? 'n1' : 'n2' },
    }),
  );
  const all = [...objects.namespaces, ...objects.nodes, ...pods, ...objects.policies];
  const manifests = { objects: all, places: new Map<string, string>(), findings: [] };
  const snapshot = snapshotOf({ ...objects, pods }, 1);
  return { configuration, settings, foreignEpgs: [], manifests, objects: all, snapshot, grants: NO_GRANTS };
}

function objectsOf({ snapshot }: PolicyState): readonly FlatObject[] {
  const policy = compile(snapshot, EMPTY_ALLOCATION, { ...groupPools(settings), foreignEpgs: [] });
  const { compiled, encoding } = encodePolicy(policy, snapshot, settings);
  return flatten(mapFabric(compiled, settings, { encoding }).tree, '');
}

const nodes = fc.array(fc.boolean(), { minLength: 6, maxLength: 6 });
const isBinding = ({ className }: FlatObject): boolean => className === 'fvRsPathAtt';

describe('verifying random clusters whose groups are bound on paths', () => {
  it('proves what the mappers make, by the VLANs of each node on its own paths', () => {
    let points = 0;
    fc.assert(
      fc.property(networkPolicyClusters, nodes, (cluster, places) => {
        const state = stateOf(cluster, places);
        const { proof } = verify(state, FabricPicture.wanted(state));
        points += proof.points;
        assert.equal(proof.differences, 0, JSON.stringify(proof.counterExample?.kind));
        const again = verify(state, FabricPicture.real(state, objectsOf(state), 'an APIC'));
        assert.equal(again.proof.differences, 0);
      }),
      { numRuns: 80 },
    );
    assert.ok(points > 2000, `only ${points} points`);
  }).timeout(120_000);

  it('finds a VLAN that leads to another EPG on one path, and is right on every other', () => {
    const seen = { planted: 0, found: 0 };
    fc.assert(
      fc.property(networkPolicyClusters, nodes, fc.nat(), (cluster, places, pick) => {
        const state = stateOf(cluster, places);
        const objects = objectsOf(state);
        const bound = objects.filter(isBinding);
        const victim = bound[pick % bound.length];
        const other = bound.find(
          ({ dn }) => victim !== undefined && !dn.startsWith(victim.dn.split('/rspathAtt')[0] ?? ''),
        );
        if (victim === undefined || other === undefined) return;
        seen.planted += 1;
        const path = /rspathAtt-.*$/.exec(victim.dn)?.[0] ?? '';
        const moved = { ...victim, dn: `${other.dn.split('/rspathAtt')[0]}/${path}` };
        const left = [...objects.filter(({ dn }) => dn !== victim.dn && dn !== moved.dn), moved];
        const { proof } = verify(state, FabricPicture.real(state, left, 'planted'));
        if (proof.differences > 0) seen.found += 1;
      }),
      { numRuns: 80 },
    );
    assert.ok(seen.planted > 20 && seen.found > seen.planted / 4, JSON.stringify(seen));
  }).timeout(120_000);
});
