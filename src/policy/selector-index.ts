import { matchesSelector, type Selector } from '#model/kubernetes';

/**
 * Finds the selectors that match a set of labels without trying all of them: a selector that needs `key = value` (one of
 * some values) is only tried on labels that have it. The others are always tried.
 */
export class SelectorIndex<Item> {
  readonly #byLabel = new Map<string, Map<Item, Selector>>();
  readonly #others = new Map<Item, Selector>();

  add(selector: Selector, item: Item): void {
    for (const key of keysOf(selector)) {
      const bucket = this.#byLabel.get(key);
      if (bucket === undefined) this.#byLabel.set(key, new Map([[item, selector]]));
      else bucket.set(item, selector);
    }
    if (keysOf(selector).length === 0) this.#others.set(item, selector);
  }

  delete(selector: Selector, item: Item): void {
    for (const key of keysOf(selector)) {
      const bucket = this.#byLabel.get(key);
      bucket?.delete(item);
      if (bucket?.size === 0) this.#byLabel.delete(key);
    }
    this.#others.delete(item);
  }

  /** Items whose selectors match the labels, in no particular order, each once. */
  matching(labels: Readonly<Record<string, string>>): Item[] {
    const found: Item[] = [];
    const collect = (bucket: ReadonlyMap<Item, Selector>): void => {
      for (const [item, selector] of bucket) if (matchesSelector(selector, labels)) found.push(item);
    };
    collect(this.#others);
    if (this.#byLabel.size > 0) {
      for (const key of Object.keys(labels)) {
        const bucket = this.#byLabel.get(labelKey(key, labels[key] ?? ''));
        if (bucket !== undefined) collect(bucket);
      }
    }
    return found;
  }
}

const labelKey = (key: string, value: string): string => `${key}\n${value}`;

/** Labels of which a match must have one: the values of the first `In`; empty when the selector needs no value. */
function keysOf({ requirements }: Selector): readonly string[] {
  const needed = requirements.find(({ operator }) => operator === 'In');
  return (needed?.values ?? []).map((value) => labelKey(needed?.key ?? '', value));
}
