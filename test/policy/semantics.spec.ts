import assert from 'node:assert/strict';
import { checkCluster } from '#support/check-cluster';
import { PolicyLevels } from '#support/policy-levels';
import { probeOf, smallClusterInputs } from '#support/small-cluster';
import { ENDPOINT_CASES } from './endpoint-cases.js';
import { ISOLATION_CASES } from './isolation-cases.js';
import { PEER_CASES, PORT_CASES } from './rule-cases.js';
import { TIER_CASES } from './tier-cases.js';
import { UNREADABLE_TIER_CASES } from './unreadable-tier-cases.js';

describe('policy semantics, by hand, on all levels', () => {
  const cases = [...ENDPOINT_CASES, ...ISOLATION_CASES, ...PEER_CASES, ...PORT_CASES];
  for (const cluster of [...cases, ...TIER_CASES, ...UNREADABLE_TIER_CASES]) {
    it(cluster.title, () => {
      assert.ok(
        (cluster.open ?? []).length + (cluster.closed ?? []).length >= 2,
        'a case has both sides or several flows',
      );
      checkCluster(cluster);
    });
  }

  it('N23 a pod reaches itself, whatever the policies say', () => {
    const levels = new PolicyLevels(
      smallClusterInputs({
        title: '',
        pods: { 'x/web': {} },
        policies: { 'x/deny': { policyTypes: ['Ingress', 'Egress'] } },
      }),
    );
    // It never leaves the host: neither the matrix nor the fabric is asked.
    assert.equal(levels.specification(probeOf(levels, 'x/web > x/web TCP 80')), true);
  });
});
