import type { Finding } from '#model/policy';
import type { PodParty, PolicyEntry } from './parties.js';
import { byPrecedence } from './sides.js';

/**
 * Policies of one tier and priority that speak of the same direction of the same pods: the API leaves open which of them
 * decides, we take the first by name (policy.md K2). One finding for each that stands behind another.
 */
export function equalPriorities(parties: Iterable<PodParty>): readonly Finding[] {
  const found = new Map<string, Finding>();
  const seen = new Set<readonly PolicyEntry[]>();
  for (const { subjects } of parties) {
    if (seen.has(subjects)) continue;
    seen.add(subjects);
    const tiered = subjects.filter(({ tier }) => tier !== 'network').sort(byPrecedence);
    for (const [index, second] of tiered.entries()) {
      if (found.has(second.key)) continue;
      const first = tiered.slice(0, index).find((other) => areEqual(other, second));
      if (first !== undefined) found.set(second.key, finding(first, second));
    }
  }
  return [...found.values()];
}

const areEqual = (a: PolicyEntry, b: PolicyEntry): boolean =>
  a.tier === b.tier &&
  a.priority === b.priority &&
  (['ingress', 'egress'] as const).some((direction) => speaks(a, direction) && speaks(b, direction));

const speaks = (policy: PolicyEntry, direction: 'ingress' | 'egress'): boolean => (policy[direction]?.length ?? 0) > 0;

function finding(first: PolicyEntry, second: PolicyEntry): Finding {
  const message = `spec.priority: ${second.priority} is also that of ${first.key}, for some of the same pods; ${first.key} decides first, by name`;
  return { code: 'EQUAL_PRIORITY', severity: 'warning', object: second.key, message };
}
