import type { FabricEvaluator, ZoningRule } from '#fabric';
import type { Spot } from './spots.js';

/** Texts of what the fabric does between two spots: equal texts are equal verdicts for every packet. */
export class FabricPrints {
  readonly #evaluator: FabricEvaluator;
  readonly #rules = new Map<ZoningRule, number>();
  readonly #contents = new Map<string, number>();

  constructor(evaluator: FabricEvaluator) {
    this.#evaluator = evaluator;
  }

  /** From one spot to another. */
  between({ address: from }: Spot, { address: to }: Spot): string {
    if (from.fabricClass === undefined || to.fabricClass === undefined) return '';
    return this.#print(this.#evaluator.rulesBetween(from.fabricClass, to.fabricClass));
  }

  /** With all whose class is no partner of the spot's. */
  general({ address: { fabricClass } }: Spot): string {
    if (fabricClass === undefined) return 'none';
    const { from, to } = this.#evaluator.generalRules(fabricClass);
    return `${this.#evaluator.vrfOf(fabricClass)};${this.#print(from)};${this.#print(to)}`;
  }

  #print(rules: readonly ZoningRule[]): string {
    return rules.map((rule) => this.#numberOf(rule)).join();
  }

  /** Equal numbers for rules that match the same packets, with the same priority, and do the same. */
  #numberOf(rule: ZoningRule): number {
    const known = this.#rules.get(rule);
    if (known !== undefined) return known;
    const { entry, action, priority } = rule;
    const text = JSON.stringify([entry === undefined ? null : { ...entry, filter: '', name: '' }, action, priority]);
    const number = this.#contents.get(text) ?? this.#contents.size;
    this.#contents.set(text, number);
    this.#rules.set(rule, number);
    return number;
  }
}
