import { type LeafPacket, matches, matchRank } from './entry.js';
import { ANY, type Priority, rankOf } from './priority.js';
import { actionRank, IMPLICIT, type Rule } from './rule.js';
import type { RuleTable } from './rule-table.js';

/** What the leaves do with a packet, and by which rule; none is the free talk within one class (policy.md A10). */
export interface TableVerdict {
  readonly permitted: boolean;
  readonly rule: Rule | undefined;
}

const FREE_TALK: Priority = 'class-eq-allow';

/** Asks the table as a leaf does (policy.md §2.5): the best matching rule among pair, source, destination and any. */
export function verdictOf(
  table: RuleTable,
  scope: string,
  classes: readonly [string, string],
  packet: LeafPacket,
): TableVerdict {
  const [source, destination] = classes;
  const candidates = [
    ...table.between(scope, source, destination),
    ...table.between(scope, source, ANY),
    ...table.between(scope, ANY, destination),
    ...table.between(scope, ANY, ANY),
  ].filter((rule) => ruleMatches(rule, packet));
  const [best] = candidates.sort((a, b) => inOrder(a, b, packet));
  if (source === destination && (best === undefined || rankOf(best.priority) > rankOf(FREE_TALK))) {
    return { permitted: true, rule: undefined };
  }
  return { permitted: best?.action === 'permit', rule: best };
}

const ruleMatches = (rule: Rule, packet: LeafPacket): boolean =>
  rule.filter === IMPLICIT || rule.filter.entries.some((entry) => matches(entry, packet));

/**
 * At equal priority the implicit filter comes last, of the others a deny goes before a permit, and then what the filter
 * asks for decides (policy.md A8).
 */
function inOrder(a: Rule, b: Rule, packet: LeafPacket): number {
  return (
    rankOf(a.priority) - rankOf(b.priority) ||
    Number(a.filter === IMPLICIT) - Number(b.filter === IMPLICIT) ||
    actionRank(a) - actionRank(b) ||
    matchRank(a.filter.entries, packet) - matchRank(b.filter.entries, packet)
  );
}
