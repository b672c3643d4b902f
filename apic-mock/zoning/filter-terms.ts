import type { ObjectStore, StoredObject } from '../tree/index.js';
import { type Entry, entryOf, isWhole, reversed } from './entry.js';
import { overridden, type Priority } from './priority.js';
import { DEFAULT_FILTER, type Rule, type RuleFilter, type RuleMark } from './rule.js';

/** One filter of a subject with what becomes of its packets. */
export interface Term {
  readonly filter: RuleFilter;
  readonly effect: Effect;
  readonly isWhole: boolean;
}

/** What becomes of the packets of a filter. */
export interface Effect {
  readonly action: Rule['action'];
  readonly mark: RuleMark;
  /** In place of the priority that the two sides give. */
  readonly priority: Priority | undefined;
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
    if (filter !== undefined) terms.push(...termsOfFilter(filter, effectOf(relation), turned));
  }
  return terms;
}

/** A deny may have a priority of its own; a permit may not. Directives: log, and compression (Cisco's contract guide). */
function effectOf({ className, attributes }: StoredObject): Effect {
  const directives = (attributes.directives ?? '').split(',');
  const denies = className === 'vzRsDenyRule' || attributes.action === 'deny';
  const compressed = directives.includes('no_stats') && !denies ? 'no_stats' : '';
  return {
    action: denies ? 'deny' : 'permit',
    mark: directives.includes('log') ? 'log' : compressed,
    priority: denies ? overridden(attributes.priorityOverride) : undefined,
  };
}

/** Entries without a type make the default filter, whatever the filter's name; the others stay together. */
function termsOfFilter(filter: StoredObject, effect: Effect, turned: boolean): readonly Term[] {
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
    ...(whole.length === 0 ? [] : [{ filter: DEFAULT_FILTER, effect, isWhole: true }]),
    ...(named.length === 0 ? [] : [{ filter: { key, name, entries: named }, effect, isWhole: false }]),
  ];
}
