import { ApicError } from '../apic-error.js';
import type { Change } from '../tree/index.js';

/** Where traffic is copied from or to cannot be changed to elsewhere, only deleted and made anew: code 105. */
export const fixedSpanTarget = (change: Change): ApicError | undefined =>
  change.kind === 'modified' && change.changed.tDn !== undefined && !change.recreated
    ? new ApicError(400, 105, 'Span source or destination relation target configuration cannot be dynamically modified')
    : undefined;

/** A whole node is a source only of packets that are dropped: code 105, for the relation to the node and for its source. */
export function nodeWithoutDrop({ kind, object }: Change): ApicError | undefined {
  if (kind === 'deleted') return undefined;
  const source = object.className === 'spanSrc' ? object : object.parent;
  if (source === undefined || source.attributes.spanOnDrop === 'yes') return undefined;
  const hasNode = [...source.children.values()].some(({ className }) => className === 'spanRsSrcToNode');
  return hasNode ? new ApicError(400, 105, 'Node span is supported only with Span on drop configuration') : undefined;
}
