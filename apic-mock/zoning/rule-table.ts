import { rankOf } from './priority.js';
import { actionRank, isSameRule, pairKey, type Rule, ruleKey } from './rule.js';

/**
 * The rules of all VRFs, by who asks for them and by place. Where several ask for a rule of the same place, one stands:
 * the one of the better priority, else a deny before a permit (policy.md A8).
 */
export class RuleTable {
  /** Rules by owner, then by place. */
  readonly #byOwner = new Map<string, ReadonlyMap<string, Rule>>();
  /** Rules by place, then by owner. */
  readonly #byKey = new Map<string, Map<string, Rule>>();
  /** Places by pair of classes. */
  readonly #byPair = new Map<string, Set<string>>();

  /**
   * Replaces what an owner asks for; gives the keys of the places that may have changed. Of a contract that a thousand groups
   * share, one that comes or goes changes the rules of its own pairs alone.
   */
  replace(owner: string, rules: readonly Rule[]): readonly string[] {
    const before = this.#byOwner.get(owner) ?? NONE;
    const after = byPlace(rules);
    const touched: string[] = [];
    for (const [key, rule] of before) {
      if (after.has(key)) continue;
      this.#remove(owner, key, rule);
      touched.push(key);
    }
    for (const [key, rule] of after) {
      const known = before.get(key);
      if (known !== undefined && isSameRule(known, rule)) continue;
      this.#put(owner, key, rule);
      touched.push(key);
    }
    if (after.size === 0) this.#byOwner.delete(owner);
    else this.#byOwner.set(owner, after);
    return touched;
  }

  /** The rule that stands at a place. */
  at(key: string): Rule | undefined {
    const [first, ...others] = this.#byKey.get(key)?.values() ?? [];
    return first === undefined ? undefined : others.reduce(stronger, first);
  }

  /** The rules between two classes. */
  between(scope: string, source: string, destination: string): readonly Rule[] {
    const keys = this.#byPair.get(pairKey(scope, source, destination)) ?? [];
    return [...keys].flatMap((key) => this.at(key) ?? []);
  }

  /** Keys of all places. */
  keys(): Iterable<string> {
    return this.#byKey.keys();
  }

  #put(owner: string, key: string, rule: Rule): void {
    const owners = this.#byKey.get(key);
    if (owners === undefined) this.#byKey.set(key, new Map([[owner, rule]]));
    else owners.set(owner, rule);
    const pair = pairKey(rule.scope, rule.source, rule.destination);
    const keys = this.#byPair.get(pair);
    if (keys === undefined) this.#byPair.set(pair, new Set([key]));
    else keys.add(key);
  }

  #remove(owner: string, key: string, rule: Rule): void {
    const owners = this.#byKey.get(key);
    owners?.delete(owner);
    if (owners === undefined || owners.size > 0) return;
    this.#byKey.delete(key);
    const pair = pairKey(rule.scope, rule.source, rule.destination);
    const keys = this.#byPair.get(pair);
    keys?.delete(key);
    if (keys?.size === 0) this.#byPair.delete(pair);
  }
}

const NONE: ReadonlyMap<string, Rule> = new Map();

/** The rules by their places; of several of one place, the one that stands. */
function byPlace(rules: readonly Rule[]): ReadonlyMap<string, Rule> {
  const found = new Map<string, Rule>();
  for (const rule of rules) {
    const key = ruleKey(rule);
    const known = found.get(key);
    found.set(key, known === undefined ? rule : stronger(known, rule));
  }
  return found;
}

/** Which of two rules of one place stands; of equals one is chosen whatever came first, so that history does not matter. */
function stronger(a: Rule, b: Rule): Rule {
  const order =
    rankOf(a.priority) - rankOf(b.priority) ||
    actionRank(a) - actionRank(b) ||
    Number(b.direction === 'bi-dir') - Number(a.direction === 'bi-dir') ||
    compareTexts(a.contract, b.contract) ||
    compareTexts(a.direction, b.direction) ||
    compareTexts(a.mark, b.mark);
  return order <= 0 ? a : b;
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
