import assert from 'node:assert/strict';
import { silentLogger } from '#runtime';
import { ManualClock } from '#support/manual-clock';
import { OWN_FABRIC } from '#support/settings';
import { FabricMirror } from '../../../workers/fabric-mirror.js';
import { AdminOpenings } from '../../../workers/inventory/admin-openings.js';
import { InventoryMirror } from '../../../workers/inventory/inventory-mirror.js';

describe('what admins opened, of a gateway that starts', () => {
  it('is told to have become known once, also when somebody asked for slices before', () => {
    const fabric = new FabricMirror(() => undefined, silentLogger);
    const openings = new AdminOpenings({
      fabric,
      mirror: new InventoryMirror({ keeps: () => true, changed: () => undefined, log: silentLogger }),
      snapshot: () => assert.fail('nothing was opened'),
      settings: OWN_FABRIC,
      timing: { inventoryWaitMs: 1000 },
      clock: new ManualClock(),
    });
    assert.equal(openings.refresh(), false);
    fabric.replaced([]);
    openings.widened(undefined);
    assert.equal(openings.refresh(), true, 'slices that nobody could be given before can be published now');
    assert.equal(openings.refresh(), false);
  });
});
