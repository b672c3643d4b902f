import { matchesSelector, type Selector } from '#model/kubernetes';
import type { Scope } from './parties.js';
import { SelectorIndex } from './selector-index.js';

type Labels = Readonly<Record<string, string>>;

interface NamespaceScopes<Item> {
  labels: Labels;
  readonly index: SelectorIndex<Item>;
  /** Items that come with a namespace selector. */
  readonly selected: Set<Item>;
  /** How many items name the namespace by itself. */
  own: number;
  /** How many items match a pod without labels; undefined when that has to be counted anew. */
  plain: ReadonlySet<Item> | undefined;
}

/** Finds the scopes (subjects of policies, or peers) that hold a pod, by its namespace and labels. */
export class ScopeIndex<Item extends Scope> {
  readonly #namespaces = new Map<string, NamespaceScopes<Item>>();
  /** Items with a namespace selector. */
  readonly #selecting = new SelectorIndex<Item>();

  /** Adds a scope and gives the namespaces in which it can hold pods. */
  add(item: Item): readonly string[] {
    const { namespaces } = item;
    if ('own' in namespaces) {
      this.#put(namespaces.own, item);
      this.#of(namespaces.own).own += 1;
      return [namespaces.own];
    }
    this.#selecting.add(namespaces, item);
    const names = this.#matching(namespaces);
    for (const name of names) {
      this.#put(name, item);
      this.#namespaces.get(name)?.selected.add(item);
    }
    return names;
  }

  /** Takes a scope out; gives the namespaces in which it could hold pods. */
  delete(item: Item): readonly string[] {
    const { namespaces } = item;
    if ('own' in namespaces) {
      this.#take(namespaces.own, item);
      this.#of(namespaces.own).own -= 1;
      return [namespaces.own];
    }
    this.#selecting.delete(namespaces, item);
    const names = this.#matching(namespaces);
    for (const name of names) {
      this.#take(name, item);
      this.#namespaces.get(name)?.selected.delete(item);
    }
    return names;
  }

  /** Tells the namespace's labels, when it is new or they changed. Gives whether other scopes hold its pods now. */
  setLabels(name: string, labels: Labels): boolean {
    const scopes = this.#of(name);
    scopes.labels = labels;
    const wanted = new Set(this.#selecting.matching(labels));
    let changed = false;
    for (const item of scopes.selected) {
      if (wanted.has(item)) continue;
      this.#take(name, item);
      scopes.selected.delete(item);
      changed = true;
    }
    for (const item of wanted) {
      if (scopes.selected.has(item)) continue;
      this.#put(name, item);
      scopes.selected.add(item);
      changed = true;
    }
    return changed;
  }

  /**
   * Forgets a namespace that has no object of its own and no pods, unless a scope names it by itself. Who names it again finds
   * a new one.
   */
  forget(name: string): void {
    if (this.#namespaces.get(name)?.own === 0) this.#namespaces.delete(name);
  }

  /** Scopes that hold a pod of the namespace with the labels. A namespace that only its pods name is taken to exist. */
  holding(name: string, labels: Labels): Item[] {
    return this.#of(name).index.matching(labels);
  }

  /** Scopes that hold a pod of the namespace that has no labels. */
  holdingPlain(name: string): ReadonlySet<Item> {
    const scopes = this.#of(name);
    scopes.plain ??= new Set(scopes.index.matching({}));
    return scopes.plain;
  }

  #matching(selector: Selector): readonly string[] {
    return [...this.#namespaces].flatMap(([name, { labels }]) => (matchesSelector(selector, labels) ? [name] : []));
  }

  #put(name: string, item: Item): void {
    const scopes = this.#of(name);
    scopes.index.add(item.pods, item);
    scopes.plain = undefined;
  }

  #take(name: string, item: Item): void {
    const scopes = this.#of(name);
    scopes.index.delete(item.pods, item);
    scopes.plain = undefined;
  }

  #of(name: string): NamespaceScopes<Item> {
    const known = this.#namespaces.get(name);
    if (known !== undefined) return known;
    const labels = { 'kubernetes.io/metadata.name': name };
    const fresh: NamespaceScopes<Item> = {
      labels,
      index: new SelectorIndex(),
      selected: new Set(),
      own: 0,
      plain: undefined,
    };
    this.#namespaces.set(name, fresh);
    for (const item of this.#selecting.matching(labels)) {
      fresh.index.add(item.pods, item);
      fresh.selected.add(item);
    }
    return fresh;
  }
}
