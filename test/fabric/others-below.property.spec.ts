import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Change } from '#fabric';
import { clusterArbitrary } from '#support/cluster-arbitrary';
import { chosenBy } from '#support/fabric-events';
import { checkOthersStay } from '#support/others-check';
import { desired, type PlanWay } from '#support/plan-check';
import { OWN_FABRIC } from '#support/settings';
import { WIDE_POOL } from '#support/verdict-table';

const WAY: PlanWay = {
  options: { ...WIDE_POOL, groupBoundary: 'namespace', preSplit: false },
  settings: [OWN_FABRIC, OWN_FABRIC],
  batchSize: 25,
};

describe('what others have below objects that go, whatever becomes of the cluster', () => {
  it('stays at each step, leaves nothing to do, and keeps nothing of ours once it is gone', function () {
    this.timeout(240_000);
    let kept = 0;
    fc.assert(
      fc.property(clusterArbitrary, clusterArbitrary, fc.nat(1000), (from, to, salt) => {
        const before = desired(from.objects, WAY);
        const isChosen = (dn: string): boolean => chosenBy(salt, 2)(deletionOf(dn));
        kept += checkOthersStay(before, desired(to.objects, WAY, before), isChosen);
      }),
      { numRuns: 100 },
    );
    assert.ok(kept > 100, `only ${kept} objects were kept`);
  });
});

const deletionOf = (dn: string): Change => ({ kind: 'delete', object: { className: 'fvAEPg', dn, attributes: {} } });
