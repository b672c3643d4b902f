import type { FlatObject } from '#model/aci';
import type { FabricChange, FabricSink } from '#ports';

/** Writes down what it is told: `replaced a b`, `created x`, `lost`. */
export class RecordingSink implements FabricSink {
  readonly told: string[] = [];
  readonly reasons: string[] = [];
  readonly changes: FabricChange[] = [];
  /** What a mirror would hold now. */
  readonly mirror = new Map<string, Readonly<Record<string, string>>>();

  replaced(objects: readonly FlatObject[]): void {
    this.mirror.clear();
    for (const { dn, attributes } of objects) this.mirror.set(dn, attributes);
    this.told.push(['replaced', ...objects.map(({ dn }) => dn)].join(' '));
  }

  changed(change: FabricChange): void {
    this.changes.push(change);
    this.told.push(`${change.kind} ${change.dn}`);
    if (change.kind === 'deleted') this.mirror.delete(change.dn);
    else this.mirror.set(change.dn, { ...this.mirror.get(change.dn), ...change.attributes });
  }

  lost(reason: string): void {
    this.told.push('lost');
    this.reasons.push(reason);
  }
}
