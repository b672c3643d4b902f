import assert from 'node:assert/strict';
import fc from 'fast-check';
import { capacityOf } from '#fabric';
import { flatten } from '#model/aci';
import { EMPTY_ALLOCATION } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { compileOpen, policiesOf } from '#policy';
import { LAYOUTS } from '#support/path-layouts';
import { type PlacedCluster, placedCluster } from '#support/placed-cluster';
import { OWN_FABRIC } from '#support/settings';
import { type FabricPolicy, fabricPolicy } from '#workers';

/** How groups are bound and said, and what there is too little of. */
const ways = fc.record({
  hostPaths: fc.constantFrom(...LAYOUTS),
  vzAnyContracts: fc.constantFrom('auto' as const, 'always' as const, 'never' as const),
  policyEntriesPerLeaf: fc.constantFrom(10, 30, 60, 64_000),
  vlansPerLeaf: fc.constantFrom(2, 3, 3960),
  portVlansPerLeaf: fc.constantFrom(1, 2, 3, 64_000),
  vlans: fc.constantFrom(1, 2, 900),
});
type Ways = typeof ways extends fc.Arbitrary<infer T> ? T : never;

function settingsOf({ hostPaths, vzAnyContracts, vlans, ...few }: Ways): FabricSettings {
  const limits = { ...OWN_FABRIC.budget.limits, ...few };
  const vlanPool = { ...OWN_FABRIC.vlanPool, from: 100, to: 99 + vlans };
  return {
    ...OWN_FABRIC,
    encoding: 'path',
    hostPaths,
    vzAnyContracts,
    vlanPool,
    budget: { hostPortsPerLeaf: 10, limits },
  };
}

function fitted({ snapshot, options }: PlacedCluster, settings: FabricSettings): FabricPolicy {
  const { compiler, compiled } = compileOpen(snapshot, EMPTY_ALLOCATION, { ...options, vlanPool: undefined });
  return fabricPolicy(compiled, snapshot, { settings, policiesOf: policiesOf(compiler) });
}

const usedOf = ({ forecast }: FabricPolicy, wanted: string): number =>
  forecast.find(({ resource }) => resource === wanted)?.used ?? Number.NaN;

describe('budgets where groups are bound on paths', () => {
  it('count what the managed objects take on the fullest leaf', () => {
    fc.assert(
      fc.property(placedCluster, ways, (cluster, how) => {
        const settings = settingsOf(how);
        const policy = fitted(cluster, settings);
        const found = capacityOf(flatten(policy.fabric.tree, ''), settings.budget);
        const byName = (uses: typeof found): unknown =>
          Object.fromEntries(uses.flatMap((use) => (use.resource === 'vlanPool' ? [] : [[use.resource, use]])));
        assert.deepEqual(byName(policy.forecast), byName(found));
      }),
      { numRuns: 300 },
    );
  }).timeout(60_000);

  it('join groups until each leaf has VLANs for all that is behind it', () => {
    let joined = 0;
    fc.assert(
      fc.property(placedCluster, ways, (cluster, how) => {
        const settings = settingsOf(how);
        const policy = fitted(cluster, settings);
        const codes = new Set(policy.hosts.findings.map(({ code }) => code));
        assert.ok(!codes.has('VLANS_EXHAUSTED'));
        if (how.vlansPerLeaf > 2) assert.ok(usedOf(policy, 'vlansPerLeaf') <= how.vlansPerLeaf);
        assert.ok(usedOf(policy, 'vlanPool') <= how.vlans);
        if (policy.joined.of.size === 0) return;
        joined += 1;
        assert.ok(codes.has('LIMIT'), 'it says why');
      }),
      { numRuns: 300 },
    );
    assert.ok(joined > 50, `only ${joined}`);
  }).timeout(60_000);
});
