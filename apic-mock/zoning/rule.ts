import type { Entry } from './entry.js';
import type { Priority } from './priority.js';

/** What a rule matches: a filter, possibly turned round for the way back, or one that every leaf has by itself. */
export interface RuleFilter {
  /** `default`, `implicit`, `implarp`, or a filter's Dn with a mark for the way back. */
  readonly key: string;
  readonly name: string;
  /** None for `implicit`, which is asked last and matches everything. */
  readonly entries: readonly Entry[];
}

/** One rule that a contract, a group or a VRF asks for (policy.md A7). */
export interface Rule {
  /** VNID of the VRF. */
  readonly scope: string;
  /** pcTags; `0` is any. */
  readonly source: string;
  readonly destination: string;
  readonly filter: RuleFilter;
  readonly action: 'permit' | 'deny';
  /** What a leaf shows beside the action: `log`, `no_stats` for a rule that may be compressed, `override` for guests. */
  readonly mark: RuleMark;
  readonly priority: Priority;
  readonly direction: 'uni-dir' | 'bi-dir' | 'uni-dir-ignore';
  /** Name of the contract as a leaf shows it: `<tenant>:<contract>`; empty for what follows from no contract. */
  readonly contract: string;
}

/** What a rule does besides its action. */
export type RuleMark = '' | 'log' | 'no_stats' | 'override';

/** The action of a rule in the spelling of leaves: `permit`, `deny,log`, `permit_override`. */
export function shownAction({ action, mark }: Pick<Rule, 'action' | 'mark'>): string {
  if (mark === '') return action;
  return mark === 'override' ? `${action}_override` : `${action},${mark}`;
}

/** Where actions of rules of one priority stand: deny with log before deny before permit (policy.md A8). */
export function actionRank({ action, mark }: Pick<Rule, 'action' | 'mark'>): number {
  if (action === 'permit') return 3;
  return mark === 'log' ? 1 : 2;
}

/** Where the rule stands in a leaf's table: two rules of one place are one. */
export const ruleKey = (rule: Rule): string =>
  `${pairKey(rule.scope, rule.source, rule.destination)}|${rule.filter.key}`;

/** The rules between two classes of a VRF. */
export const pairKey = (scope: string, source: string, destination: string): string =>
  `${scope}|${source}|${destination}`;

/** A filter that matches everything, for entries without a type. */
export const DEFAULT_FILTER: RuleFilter = { key: 'default', name: 'default', entries: [{ etherT: 'unspecified' }] };

/** What is left when nothing else fits. */
export const IMPLICIT: RuleFilter = { key: 'implicit', name: 'implicit', entries: [] };

/** ARP, which every VRF permits. */
export const IMPLICIT_ARP: RuleFilter = { key: 'implarp', name: 'implarp', entries: [{ etherT: 'arp' }] };

/** Whether two rules of one place are the same, down to the entries of their filters. */
export const isSameRule = (one: Rule, other: Rule): boolean =>
  one.action === other.action &&
  one.mark === other.mark &&
  one.priority === other.priority &&
  one.direction === other.direction &&
  one.contract === other.contract &&
  one.filter.name === other.filter.name &&
  textOf(one.filter) === textOf(other.filter);

/** All rules of a contract share its few filters: the entries are written out once for each. */
const texts = new WeakMap<RuleFilter, string>();

function textOf(filter: RuleFilter): string {
  const known = texts.get(filter) ?? JSON.stringify(filter.entries);
  texts.set(filter, known);
  return known;
}
