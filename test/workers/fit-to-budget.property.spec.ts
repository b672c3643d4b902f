import assert from 'node:assert/strict';
import fc from 'fast-check';
import { capacityOf } from '#fabric';
import { fabricOf } from '#mappers';
import { flatten } from '#model/aci';
import { snapshotOf } from '#model/kubernetes';
import { EMPTY_ALLOCATION } from '#model/policy';
import { compile, compileOpen, policiesOf } from '#policy';
import { clusterArbitrary } from '#support/cluster-arbitrary';
import { NO_POLICIES } from '#support/no-policies';
import { OWN_FABRIC } from '#support/settings';
import { fitToBudget, isWithinBudget, plainFindings } from '#workers';

describe('within the limits', () => {
  it('fitting adds the findings of the plan and nothing else', () => {
    let added = 0;
    const ways = fc.record({
      vzAnyContracts: fc.constantFrom('always' as const, 'never' as const),
      groups: fc.nat(20),
    });
    fc.assert(
      fc.property(clusterArbitrary, ways, ({ objects }, { vzAnyContracts, groups }) => {
        const options = { vlanPool: { from: 100, to: 999 }, foreignEpgs: [] };
        const { compiler, compiled } = compileOpen(snapshotOf(objects, 1), EMPTY_ALLOCATION, options);
        const limits = { ...OWN_FABRIC.budget.limits, vlansPerLeaf: 10 + groups };
        const settings = { ...OWN_FABRIC, vzAnyContracts, budget: { ...OWN_FABRIC.budget, limits } };
        const { mapper, hosts } = fitToBudget(compiled, { settings, policiesOf: policiesOf(compiler) });
        assert.ok(isWithinBudget(mapper, { settings }));
        const plain = plainFindings({ compiled, settings, policiesOf: policiesOf(compiler), open: mapper.openToAll });
        assert.deepEqual(hosts.findings, [...compiled.findings, ...plain]);
        added += plain.length;
      }),
      { numRuns: 300 },
    );
    assert.ok(added > 5, `only ${added}`);
  }).timeout(60_000);
});

describe('forecast from the plans', () => {
  it('is what the managed objects take', () => {
    const ways = fc.record({
      vzAnyContracts: fc.constantFrom('always' as const, 'never' as const),
      vrfWidePermits: fc.boolean(),
      preSplit: fc.boolean(),
      entries: fc.constantFrom(1, 30, 64_000),
      groups: fc.constantFrom(2, 15_000),
    });
    fc.assert(
      fc.property(clusterArbitrary, ways, ({ objects }, { preSplit, entries, groups, ...given }) => {
        const options = { vlanPool: { from: 100, to: 999 }, foreignEpgs: [], preSplit };
        const compiled = compile(snapshotOf(objects, 1), EMPTY_ALLOCATION, options);
        const limits = { ...OWN_FABRIC.budget.limits, policyEntriesPerLeaf: entries, endpointGroups: groups };
        const settings = { ...OWN_FABRIC, ...given, budget: { ...OWN_FABRIC.budget, limits } };
        const fitted = fitToBudget(compiled, { settings, policiesOf: NO_POLICIES });
        const found = capacityOf(flatten(fabricOf(fitted.mapper, settings).tree, ''), settings.budget);
        const byName = (uses: typeof found): unknown =>
          Object.fromEntries(uses.flatMap((use) => (use.resource === 'vlanPool' ? [] : [[use.resource, use]])));
        assert.deepEqual(byName(fitted.forecast), byName(found));
      }),
      { numRuns: 300 },
    );
  });
});
