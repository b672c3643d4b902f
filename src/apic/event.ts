import type { FabricChange } from '#ports';
import { flatObject, isRecord } from './reply.js';

/** One frame from the websocket (apic-protocol.md §5.2). */
export interface ApicPush {
  /** Subscriptions that it belongs to; one push may serve several. */
  readonly subscriptionIds: readonly string[];
  readonly changes: readonly FabricChange[];
}

/**
 * Reads a frame. Undefined when it is not an event document at all: then a change was missed. Entries without `dn` or
 * `status` tell nothing and are left out.
 */
export function readPush(text: string): ApicPush | undefined {
  const document = parsed(text);
  if (document === undefined) return undefined;
  const { subscriptionId, imdata } = document;
  const ids = Array.isArray(subscriptionId) ? subscriptionId : [subscriptionId];
  return {
    subscriptionIds: ids.filter((id): id is string => typeof id === 'string'),
    changes: imdata.map(toChange).filter((change) => change !== undefined),
  };
}

function parsed(text: string): { readonly subscriptionId: unknown; readonly imdata: readonly unknown[] } | undefined {
  try {
    const document: unknown = JSON.parse(text);
    if (!isRecord(document) || !Array.isArray(document['imdata'])) return undefined;
    return { subscriptionId: document['subscriptionId'], imdata: document['imdata'] };
  } catch {
    return undefined;
  }
}

function toChange(entry: unknown): FabricChange | undefined {
  const object = flatObject(entry);
  const kind = object === undefined ? undefined : kindOf(object.attributes['status']);
  if (object === undefined || kind === undefined || object.dn === '') return undefined;
  return { kind, className: object.className, dn: object.dn, attributes: object.attributes };
}

/** `status` is a mask: an object that was made and changed in one transaction says `created,modified`. */
function kindOf(status: string | undefined): FabricChange['kind'] | undefined {
  const bits = (status ?? '').split(',').map((bit) => bit.trim());
  return (['deleted', 'created', 'modified'] as const).find((kind) => bits.includes(kind));
}
