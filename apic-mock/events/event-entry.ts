import type { Attributes } from '#model/aci';
import { type ReplyObject, statusAttributes } from '../query/index.js';
import type { Change } from '../tree/index.js';
import { replyObject } from '../wire/index.js';

/**
 * What a push says of one change (apic-protocol.md §5.2): a created object in full, of a modified one only what
 * changed, of a deleted one only that it is gone.
 */
export function eventEntry(change: Change, deletedAt: string): ReplyObject {
  return replyObject(change.object.className, statusAttributes(change.object, saidOf(change, deletedAt), change.kind));
}

function saidOf(change: Change, deletedAt: string): Attributes {
  switch (change.kind) {
    case 'created':
      return change.after;
    case 'modified':
      return change.changed;
    default:
      return { modTs: deletedAt };
  }
}

/**
 * The attributes that a subscription's filter is asked about: the object as it is now, or was at its end. An object that
 * a change takes out of a filter is not told of (unknown of a real APIC, apic-protocol.md §5.2).
 */
export const judgedAttributes = (change: Change): Attributes =>
  change.kind === 'deleted' ? change.before : change.after;
