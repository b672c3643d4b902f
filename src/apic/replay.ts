import type { FlatObject } from '#model/aci';
import type { FabricChange } from '#ports';

/**
 * Of the changes that were told while the objects were being listed, those that still say something: not the ones that
 * are older than the object as it was listed, by `modTs` (apic-protocol.md §5.5 item 2). A change of the same moment
 * stays; taking it again changes nothing. A change without a readable time stays too.
 */
export function notOlder(
  changes: readonly FabricChange[],
  listed: ReadonlyMap<string, FlatObject>,
): readonly FabricChange[] {
  if (listed.size === 0) return changes;
  return changes.filter((change) => {
    const changedAt = timeOf(change.attributes);
    const listedAt = timeOf(listed.get(change.dn)?.attributes ?? {});
    return Number.isNaN(changedAt) || Number.isNaN(listedAt) || changedAt >= listedAt;
  });
}

const timeOf = (attributes: Readonly<Record<string, string>>): number => Date.parse(attributes['modTs'] ?? '');
