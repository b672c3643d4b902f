import assert from 'node:assert/strict';
import { PolicyLevels } from './policy-levels.js';
import { probeOf, type SmallCluster, smallClusterInputs } from './small-cluster.js';

/** Checks the flows and the findings of a case by hand on all levels: specification, matrix, managed objects. */
export function checkCluster(cluster: SmallCluster): void {
  const levels = new PolicyLevels(smallClusterInputs(cluster));
  const { refused = false } = cluster;
  for (const flow of cluster.open ?? []) levels.check(probeOf(levels, flow), true, { refused });
  for (const flow of cluster.closed ?? []) levels.check(probeOf(levels, flow), false, { refused });
  const serious = levels.findings.filter(({ severity }) => severity !== 'info').map(({ code }) => code);
  assert.deepEqual([...new Set(serious)].sort(), [...(cluster.findings ?? [])].sort());
}
