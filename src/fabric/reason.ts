import { MARK_KEYS, markDn } from '#model/aci';
import { formatEntry, type Packet } from './filter-entry.js';
import type { FabricEvaluator } from './verdict.js';
import { PRIORITY, type ZoningRule } from './zoning-rules.js';

/** Why the fabric lets a packet pass or drops it, in the words of its managed objects. */
export interface FabricReason {
  readonly permitted: boolean;
  /**
   * `contract`: a rule of a contract decided. `same-group`: members of one group talk freely (policy.md A10). `isolation`:
   * they do not (A16). `no-rule`: no rule matches, which is a denial (A7). `no-class`: one end belongs to no class, or the
   * two are not in one VRF.
   */
  readonly kind: 'contract' | 'same-group' | 'isolation' | 'no-rule' | 'no-class';
  /** Dn of the EPG or external EPG of each end; undefined where there is none. */
  readonly source: string | undefined;
  readonly destination: string | undefined;
  readonly rule: RuleReason | undefined;
}

/** The zoning rule that decided, and the objects that it comes from. */
export interface RuleReason {
  readonly action: 'permit' | 'deny';
  /** Zoning priority with its name (policy.md A8). */
  readonly priority: number;
  readonly priorityName: string;
  /** Dn of the contract, names of its subject, filter and entry; undefined for a rule that no contract made. */
  readonly contract: string | undefined;
  readonly subject: string | undefined;
  readonly filter: string | undefined;
  readonly entry: string | undefined;
  /** What the entry matches. */
  readonly matches: string;
  /** Cluster id on the contract's owner mark; undefined for an admin's contract. */
  readonly owner: string | undefined;
  /** Kubernetes objects that asked for the contract, from its source mark. */
  readonly sources: readonly string[];
}

/**
 * The verdict for a packet from one class to another with everything that explains it, from managed objects alone.
 * A class that is undefined is an end that the fabric does not know.
 */
export function explainPacket(
  evaluator: FabricEvaluator,
  ends: Pick<FabricReason, 'source' | 'destination'>,
  packet: Packet,
): FabricReason {
  const { source, destination } = ends;
  if (source === undefined || destination === undefined || !inOneVrf(evaluator, source, destination)) {
    return { permitted: false, kind: 'no-class', source, destination, rule: undefined };
  }
  const { permitted, rule } = evaluator.verdict(source, destination, packet);
  if (rule === undefined) return { permitted, kind: 'no-rule', source, destination, rule: undefined };
  return { permitted, kind: kindOf(rule), source, destination, rule: ruleReason(evaluator, rule) };
}

function inOneVrf(evaluator: FabricEvaluator, source: string, destination: string): boolean {
  const vrf = evaluator.vrfOf(source);
  return vrf !== undefined && vrf === evaluator.vrfOf(destination);
}

function kindOf({ subject, action }: ZoningRule): FabricReason['kind'] {
  if (subject !== undefined) return 'contract';
  return action === 'permit' ? 'same-group' : 'isolation';
}

function ruleReason(evaluator: FabricEvaluator, rule: ZoningRule): RuleReason {
  const byContract = rule.subject !== undefined;
  return {
    action: rule.action,
    priority: rule.priority,
    priorityName: NAMES.get(rule.priority) ?? 'other',
    contract: byContract ? rule.origin : undefined,
    subject: rule.subject,
    filter: rule.entry?.filter,
    entry: rule.entry?.name,
    matches: rule.entry === undefined ? 'any frame' : formatEntry(rule.entry),
    owner: evaluator.object(markDn(rule.origin, MARK_KEYS.owner))?.attributes['value'],
    sources: sourcesOf(evaluator.object(markDn(rule.origin, MARK_KEYS.source))?.attributes['value']),
  };
}

/** Sources on a mark: names separated by spaces, the word `none` for no source. */
export const sourcesOf = (text: string | undefined): readonly string[] =>
  text === undefined || text === 'none' ? [] : text.split(' ');

/** Zoning priorities as `show zoning-rule` spells them (policy.md A8). */
const NAMES: ReadonlyMap<number, string> = new Map([
  [PRIORITY.classEqFilter, 'class-eq-filter'],
  [PRIORITY.classEqDeny, 'class-eq-deny'],
  [PRIORITY.classEqAllow, 'class-eq-allow'],
  [PRIORITY.fullyQualified, 'fully_qual'],
  [PRIORITY.sourceDestinationAny, 'src_dst_any'],
  [PRIORITY.sourceAnyFilter, 'src_any_filter'],
  [PRIORITY.anyDestinationFilter, 'any_dest_filter'],
  [PRIORITY.sourceAnyAny, 'src_any_any'],
  [PRIORITY.anyDestinationAny, 'any_dest_any'],
  [PRIORITY.anyAnyFilter, 'any_any_filter'],
  [PRIORITY.anyAnyAny, 'any_any_any'],
]);
