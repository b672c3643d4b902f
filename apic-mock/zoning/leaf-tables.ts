import type { Attributes } from '#model/aci';
import { IdPool, type StoredObject, type Transaction } from '../tree/index.js';
import { type Entry, entryPriority } from './entry.js';
import { ANY } from './priority.js';
import { type Rule, shownAction } from './rule.js';

/** First number of the filters of tenants on a leaf. */
const FIRST_FILTER_ID = 16;

interface LeafFilter {
  readonly id: string;
  readonly users: Set<string>;
  entries: readonly Entry[];
}

interface Written {
  readonly rule: Rule;
  readonly rn: string;
  readonly id: string;
}

/**
 * The rules as objects below every leaf: `sys/actrl/scope-<vnid>/rule-…`, and the filters that they name
 * (apic-protocol.md §6.8). Every leaf has all rules; a real one has those of the groups that are on it (policy.md A6).
 */
export class LeafTables {
  readonly #filters = new Map<string, LeafFilter>();
  readonly #filterIds = new IdPool(FIRST_FILTER_ID);
  readonly #written = new Map<string, Written>();
  readonly #ruleIds = new IdPool(4096);

  /** Makes the leaves say what stands at a place now; undefined for nothing. */
  write(transaction: Transaction, leaves: readonly StoredObject[], key: string, rule: Rule | undefined): void {
    const known = this.#written.get(key);
    if (rule === undefined) {
      if (known !== undefined) this.#erase(transaction, leaves, key, known);
      return;
    }
    const filter = this.#filterFor(transaction, leaves, key, rule);
    const written = { rule, rn: known?.rn ?? rnOf(rule, filter.id), id: known?.id ?? String(this.#ruleIds.take()) };
    this.#written.set(key, written);
    for (const leaf of leaves) writeRule(transaction, leaf, written, filter.id);
  }

  /** Everything that is written anywhere, for a leaf that has just come. */
  writeAll(transaction: Transaction, leaf: StoredObject): void {
    for (const written of this.#written.values()) {
      const filter = this.#filters.get(written.rule.filter.key);
      if (filter === undefined) continue;
      writeFilter(transaction, leaf, filter, written.rule.filter.name);
      writeRule(transaction, leaf, written, filter.id);
    }
  }

  #filterFor(transaction: Transaction, leaves: readonly StoredObject[], key: string, rule: Rule): LeafFilter {
    const { filter } = rule;
    const known = this.#filters.get(filter.key);
    const leafFilter = known ?? { id: this.#idOf(filter.key), users: new Set<string>(), entries: [] };
    leafFilter.users.add(key);
    this.#filters.set(filter.key, leafFilter);
    if (!sameEntries(leafFilter.entries, filter.entries)) {
      leafFilter.entries = filter.entries;
      for (const leaf of leaves) writeFilter(transaction, leaf, leafFilter, filter.name);
    }
    return leafFilter;
  }

  #idOf(filterKey: string): string {
    return filterKey.includes('/') ? String(this.#filterIds.take()) : filterKey;
  }

  #erase(transaction: Transaction, leaves: readonly StoredObject[], key: string, { rule, rn, id }: Written): void {
    this.#written.delete(key);
    this.#ruleIds.giveBack(Number(id));
    for (const leaf of leaves) {
      const scope = actrlOf(leaf)?.children.get(`scope-${rule.scope}`);
      const object = scope?.children.get(rn);
      if (object !== undefined) transaction.remove(object);
      if (scope?.children.size === 0) transaction.remove(scope);
    }
    this.#release(transaction, leaves, key, rule.filter.key);
  }

  #release(transaction: Transaction, leaves: readonly StoredObject[], key: string, filterKey: string): void {
    const filter = this.#filters.get(filterKey);
    filter?.users.delete(key);
    if (filter === undefined || filter.users.size > 0) return;
    this.#filters.delete(filterKey);
    if (filterKey.includes('/')) this.#filterIds.giveBack(Number(filter.id));
    for (const leaf of leaves) {
      const object = actrlOf(leaf)?.children.get(`filt-${filter.id}`);
      if (object !== undefined) transaction.remove(object);
    }
  }
}

const shown = (tag: string): string => (tag === ANY ? 'any' : tag);

const rnOf = (rule: Rule, filterId: string): string =>
  `rule-${rule.scope}-s-${shown(rule.source)}-d-${shown(rule.destination)}-f-${filterId}`;

const attributesOf = (rule: Rule, fltId: string): Attributes => ({
  scopeId: rule.scope,
  sPcTag: shown(rule.source),
  dPcTag: shown(rule.destination),
  fltId,
  action: shownAction(rule),
  direction: rule.direction,
  operSt: 'enabled',
  prio: rule.priority,
  ctrctName: rule.contract,
  name: rule.contract,
});

const actrlOf = (leaf: StoredObject): StoredObject | undefined => leaf.children.get('actrl');

function actrlBelow(transaction: Transaction, leaf: StoredObject): StoredObject {
  return actrlOf(leaf) ?? transaction.create('actrlEntity', leaf, 'actrl', {});
}

function scopeBelow(transaction: Transaction, leaf: StoredObject, scope: string): StoredObject {
  const actrl = actrlBelow(transaction, leaf);
  const rn = `scope-${scope}`;
  return actrl.children.get(rn) ?? transaction.create('actrlScope', actrl, rn, { id: scope });
}

function writeRule(transaction: Transaction, leaf: StoredObject, { rule, rn, id }: Written, filterId: string): void {
  const scope = scopeBelow(transaction, leaf, rule.scope);
  const attributes = { ...attributesOf(rule, filterId), id };
  const known = scope.children.get(rn);
  if (known === undefined) transaction.create('actrlRule', scope, rn, attributes);
  else transaction.update(known, attributes);
}

function writeFilter(transaction: Transaction, leaf: StoredObject, filter: LeafFilter, name: string): void {
  const actrl = actrlBelow(transaction, leaf);
  const rn = `filt-${filter.id}`;
  const known = actrl.children.get(rn);
  if (known !== undefined) transaction.remove(known);
  const object = transaction.create('actrlFlt', actrl, rn, { id: filter.id, name });
  for (const [index, entry] of filter.entries.entries()) {
    const { arpOpc, icmpv4T, icmpv6T, ...matched } = entry;
    const optional = {
      ...(arpOpc ? { arpOpc } : {}),
      ...(icmpv4T ? { icmpv4T } : {}),
      ...(icmpv6T ? { icmpv6T } : {}),
    };
    const entryName = ENTRY_NAMES.get(filter.id) ?? `${filter.id}_${index}`;
    transaction.create('actrlEntry', object, `ent-${entryName}`, {
      name: entryName,
      ...matched,
      ...optional,
      prio: entryPriority(entry),
    });
  }
}

/** Names of the entries that every leaf has (captured filters of a leaf). */
const ENTRY_NAMES: ReadonlyMap<string, string> = new Map([
  ['default', 'any'],
  ['implarp', 'implarp'],
]);

const sameEntries = (a: readonly Entry[], b: readonly Entry[]): boolean =>
  a.length === b.length && a.every((entry, index) => JSON.stringify(entry) === JSON.stringify(b[index]));
