import { ADDED, DELETED } from '#model/settings';
import type { AuditRecord, DriftAuthor } from '#ports';
import type { DriftItem } from './item.js';

/**
 * Who made an edit, by the records of the object, the newest first: the last one that says just what was found. So a record
 * of the gateway's own is never taken for it, also where an admin shares its login: the gateway never writes a value that it
 * does not want. Undefined where no record says it, e.g. because the log wrapped.
 */
export function authorOf(
  item: Pick<DriftItem, 'field' | 'found'>,
  records: readonly AuditRecord[],
): DriftAuthor | undefined {
  const record = records.find((some) => tells(some, item));
  return record === undefined ? undefined : { user: record.user, at: record.at };
}

function tells({ kind, changeSet }: AuditRecord, { field, found }: Pick<DriftItem, 'field' | 'found'>): boolean {
  if (field === DELETED) return kind === 'deletion';
  if (field === ADDED) return kind === 'creation';
  if (kind === 'deletion') return false;
  // A change set lists `field (Old: a, New: b)` of a changed object, and `field:b` of a new one.
  const parts = `, ${changeSet}, `;
  return kind === 'creation'
    ? parts.includes(`, ${field}:${found}, `)
    : parts.includes(`, ${field} (Old: `) && afterOld(parts, field).startsWith(`${found})`);
}

/** What a change set says after `New: ` of a field. The old value may hold anything, so the last place counts that can. */
function afterOld(parts: string, field: string): string {
  const from = parts.indexOf(`, ${field} (Old: `);
  const next = parts.indexOf('), ', from);
  const part = parts.slice(from, next === -1 ? undefined : next + 1);
  const at = part.lastIndexOf(', New: ');
  return at === -1 ? '' : part.slice(at + ', New: '.length);
}
