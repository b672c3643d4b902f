import { unknownValue } from '../apic-error.js';
import type { WriteStatus } from './write-node.js';

const KNOWN: ReadonlySet<string> = new Set(['created', 'modified', 'deleted', 'replaced']);

/**
 * Reads `status`: a mask of created, modified, deleted, blanks allowed (apic-protocol.md §3.2). Both of the first two,
 * or none, mean create or modify; `replaced` is not known to do anything else. Throws code 120 for other words.
 */
export function statusOf(className: string, status: string | undefined, dn: string): WriteStatus {
  const bits = (status ?? '')
    .split(',')
    .map((bit) => bit.trim())
    .filter((bit) => bit !== '');
  if (bits.some((bit) => !KNOWN.has(bit))) throw unknownValue(className, 'status', status ?? '', dn);
  if (bits.includes('deleted')) return 'deleted';
  if (bits.includes('created')) return bits.includes('modified') ? 'upsert' : 'created';
  return bits.includes('modified') ? 'modified' : 'upsert';
}
