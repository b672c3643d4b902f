import { isWithin } from '#model/aci';
import type { Finding } from '#model/policy';
import type { InventoryMirror } from './inventory-mirror.js';

/** Health score below which a group of ours is said to be unwell: the APIC shows lower ones in yellow and red. */
const WELL = 75;

/** A finding for each EPG below the profile whose health score is low. */
export function lowHealth(mirror: InventoryMirror, profile: string): readonly Finding[] {
  const found: Finding[] = [];
  for (const group of mirror.holders()) {
    if (!isWithin(group, profile)) continue;
    const score = Number(mirror.heldBy(group).get(`${group}/health`)?.attributes['cur'] ?? 'NaN');
    if (!(score < WELL)) continue;
    found.push({
      code: 'LOW_HEALTH',
      severity: 'warning',
      object: `ACI/${group}`,
      // Not the score itself: it moves all the time, and each text is an Event of its own.
      message: `the APIC gives the EPG a health score below ${WELL} of 100; its faults say why`,
    });
  }
  return found.sort((a, b) => (a.object < b.object ? -1 : 1));
}
