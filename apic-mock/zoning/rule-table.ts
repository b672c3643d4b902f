import { rankOf } from './priority.js';
import { actionRank, pairKey, type Rule, ruleKey } from './rule.js';

/**
 * The rules of all VRFs, by who asks for them and by place. Where several ask for a rule of the same place, one stands:
 * the one of the better priority, else a deny before a permit (policy.md A8).
 */
export class RuleTable {
  readonly #byOwner = new Map<string, readonly Rule[]>();
  /** Rules by place, then by owner. */
  readonly #byKey = new Map<string, Map<string, Rule>>();
  /** Places by pair of classes. */
  readonly #byPair = new Map<string, Set<string>>();

  /** Replaces what an owner asks for; gives the keys of the places that may have changed. */
  replace(owner: string, rules: readonly Rule[]): readonly string[] {
    const touched = new Set<string>();
    for (const rule of this.#byOwner.get(owner) ?? []) {
      touched.add(ruleKey(rule));
      this.#remove(owner, rule);
    }
    for (const rule of rules) {
      touched.add(ruleKey(rule));
      this.#add(owner, rule);
    }
    if (rules.length === 0) this.#byOwner.delete(owner);
    else this.#byOwner.set(owner, rules);
    return [...touched];
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

  #add(owner: string, rule: Rule): void {
    const key = ruleKey(rule);
    const owners = this.#byKey.get(key) ?? new Map<string, Rule>();
    const known = owners.get(owner);
    owners.set(owner, known === undefined ? rule : stronger(known, rule));
    this.#byKey.set(key, owners);
    const pair = pairKey(rule.scope, rule.source, rule.destination);
    const keys = this.#byPair.get(pair);
    if (keys === undefined) this.#byPair.set(pair, new Set([key]));
    else keys.add(key);
  }

  #remove(owner: string, rule: Rule): void {
    const key = ruleKey(rule);
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
