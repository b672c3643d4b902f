import { type Attributes, classRow } from '#model/aci';
import { type Change, defaultAttributes, type StoredObject } from '../tree/index.js';

/** Properties that move with every change and are never said. */
const UNSAID: ReadonlySet<string> = new Set(['modTs', 'uid', 'monPolDn', 'userdom', 'lcOwn']);

/**
 * What a record says of a change: `descr (Old: a, New: b)` for what changed, `name:a, descr:b` for what a new object was
 * given, nothing for a deletion (apic-protocol.md §6.6). Secrets are never said.
 */
export function changeSet(change: Change): string {
  switch (change.kind) {
    case 'created':
      return givenValues(change.object, change.after);
    case 'modified':
      return changedValues(change.object, change.before, change.changed);
    default:
      return '';
  }
}

function givenValues(object: StoredObject, after: Attributes): string {
  const defaults = defaultAttributes(object.className);
  return Object.entries(after)
    .filter(([name, value]) => value !== defaults[name] && !UNSAID.has(name))
    .map(([name, value]) => `${name}:${secret(object, name, value)}`)
    .join(', ');
}

function changedValues(object: StoredObject, before: Attributes, changed: Attributes): string {
  return Object.entries(changed)
    .filter(([name]) => !UNSAID.has(name))
    .map(([name, value]) => {
      const old = secret(object, name, before[name] ?? '');
      return `${name} (Old: ${old}, New: ${secret(object, name, value)})`;
    })
    .join(', ');
}

const secret = ({ className }: StoredObject, property: string, value: string): string =>
  classRow(className)?.properties[property]?.secure === true ? '*****' : value;
