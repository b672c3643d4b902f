import type { ObjectStore, StoredObject } from '../tree/index.js';
import { type Entry, entryOf, isWhole, reversed } from './entry.js';
import { DEFAULT_FILTER, type RuleFilter } from './rule.js';

/** One filter of a subject with what becomes of its packets. */
export interface Term {
  readonly filter: RuleFilter;
  readonly action: 'permit' | 'deny';
  readonly isWhole: boolean;
}

/** The filters that relations below an object name, in the direction of the entries or turned round. */
export function termsBelow(
  store: ObjectStore,
  owner: StoredObject,
  relationClass: string,
  turned: boolean,
): readonly Term[] {
  const terms: Term[] = [];
  for (const relation of owner.children.values()) {
    if (relation.className !== relationClass || relation.attributes.state !== 'formed') continue;
    const filter = store.get(relation.attributes.tDn ?? '');
    const action = relation.attributes.action === 'deny' ? 'deny' : 'permit';
    if (filter !== undefined) terms.push(...termsOfFilter(filter, action, turned));
  }
  return terms;
}

/** Entries without a type make the default filter, whatever the filter's name; the others stay together. */
function termsOfFilter(filter: StoredObject, action: Term['action'], turned: boolean): readonly Term[] {
  const whole: Entry[] = [];
  const named: Entry[] = [];
  for (const child of filter.children.values()) {
    if (child.className !== 'vzEntry') continue;
    const entry = entryOf(child.attributes);
    (isWhole(entry) ? whole : named).push(turned ? reversed(entry) : entry);
  }
  const key = turned ? `${filter.dn}<` : filter.dn;
  const name = filter.attributes.name ?? '';
  return [
    ...(whole.length === 0 ? [] : [{ filter: DEFAULT_FILTER, action, isWhole: true }]),
    ...(named.length === 0 ? [] : [{ filter: { key, name, entries: named }, action, isWhole: false }]),
  ];
}
