import { ContentHash } from '#model/naming';
import type { Change } from './diff.js';

/**
 * Hash of what changes do, in whatever order they come: equal for equal changes. What an object is before it is modified does
 * not count. No protection from somebody who wants two sets of changes to have one hash.
 */
export function changesHash(changes: Iterable<Change>): string {
  const sorted = [...changes].sort((a, b) => (a.object.dn < b.object.dn ? -1 : 1));
  const hash = new ContentHash();
  for (const change of sorted) {
    hash.add(change.kind).add(' ').add(change.object.dn).add('\n');
    if (change.kind === 'delete') continue;
    for (const field of change.fields) {
      hash
        .add(field)
        .add('=')
        .add(JSON.stringify(change.object.attributes[field] ?? ''))
        .add('\n');
    }
  }
  return hash.digits();
}
