import { InvalidInputError } from '#errors';
import type { FlatObject } from '#model/aci';
import type { AuditRecord } from '#ports';
import type { Query } from './query.js';

/** Records that are asked for: an object that somebody fights over has many. */
const MOST_RECORDS = 20;

/**
 * Asks for the newest records of one object. By class and filter, because an object that is gone has no resource of its own
 * any more (apic-protocol.md §2.3, §6.6). Throws {@link InvalidInputError} for a Dn that cannot stand in a filter.
 */
export function auditQuery(dn: string): Query {
  if (/["\\]/.test(dn))
    throw new InvalidInputError(`'${dn}' cannot be looked up in the audit log: it has a quote in it`);
  const filter = encodeURIComponent(`eq(aaaModLR.affected,"${dn}")`);
  // Two records of one moment come in the order of their numbers.
  const order = 'order-by=aaaModLR.created|desc,aaaModLR.id|desc';
  return {
    path: '/api/class/aaaModLR',
    query: `query-target-filter=${filter}&${order}&page=0&page-size=${MOST_RECORDS}`,
  };
}

/** A record as the gateway reads it. */
export const auditRecord = ({ attributes }: FlatObject): AuditRecord => ({
  user: attributes['user'] ?? '',
  at: attributes['created'] ?? '',
  kind: attributes['ind'] ?? '',
  changeSet: attributes['changeSet'] ?? '',
});
