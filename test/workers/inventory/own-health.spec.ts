import assert from 'node:assert/strict';
import { silentLogger } from '#runtime';
import { InventoryMirror } from '../../../workers/inventory/inventory-mirror.js';
import { lowHealth } from '../../../workers/inventory/own-health.js';

const PROFILE = 'uni/tn-k8s/ap-k8s';

/** The findings when the EPGs have these health scores. */
function findingsOf(scores: Readonly<Record<string, number>>): ReturnType<typeof lowHealth> {
  const mirror = new InventoryMirror({ keeps: () => true, changed: () => undefined, log: silentLogger });
  mirror.replaced(
    Object.entries(scores).map(([epg, score]) => ({
      className: 'healthInst',
      dn: `${epg}/health`,
      attributes: { cur: String(score) },
    })),
  );
  return lowHealth(mirror, PROFILE);
}

describe('health of the gateway’s EPGs', () => {
  it('is a finding below 75, of its own EPGs alone', () => {
    const found = findingsOf({ [`${PROFILE}/epg-a`]: 74, [`${PROFILE}/epg-b`]: 75, 'uni/tn-k8s/ap-vms/epg-c': 10 });
    assert.deepEqual(
      found.map(({ code, object }) => [code, object]),
      [['LOW_HEALTH', `ACI/${PROFILE}/epg-a`]],
    );
  });

  it('says the same of every low score: each text would be an Event of its own', () => {
    const [one] = findingsOf({ [`${PROFILE}/epg-a`]: 60 });
    const [other] = findingsOf({ [`${PROFILE}/epg-a`]: 10 });
    assert.deepEqual(one, other);
  });
});
