import type { FlatObject } from '#model/aci';
import type { FabricChange } from '#ports';
import type { WireFormat } from './wire/wire-format.js';

/** One frame from the websocket (apic-protocol.md §5.2). */
export interface ApicPush {
  /** Subscriptions that it belongs to; one push may serve several. */
  readonly subscriptionIds: readonly string[];
  readonly changes: readonly FabricChange[];
}

/**
 * Reads a frame; it has the spelling of the request that subscribed. Undefined when it is not an event document at all:
 * then a change was missed. Entries without `dn` or `status` tell nothing and are left out.
 */
export function readPush(format: WireFormat, text: string): ApicPush | undefined {
  const document = format.read(text);
  if (document === undefined) return undefined;
  return {
    subscriptionIds: document.subscriptionIds,
    changes: document.objects.map(toChange).filter((change) => change !== undefined),
  };
}

function toChange({ className, dn, attributes }: FlatObject): FabricChange | undefined {
  const kind = kindOf(attributes['status']);
  return kind === undefined || dn === '' ? undefined : { kind, className, dn, attributes };
}

/** `status` is a mask: an object that was made and changed in one transaction says `created,modified`. */
function kindOf(status: string | undefined): FabricChange['kind'] | undefined {
  const bits = status === undefined || KINDS.has(status) ? [status] : status.split(',').map((bit) => bit.trim());
  return BY_WEIGHT.find((kind) => bits.includes(kind));
}

/** Where a mask says several, the first of these is what is left in the end. */
const BY_WEIGHT = ['deleted', 'created', 'modified'] as const;
const KINDS: ReadonlySet<string> = new Set(BY_WEIGHT);
