import { MARK_KEYS, markDn, type ObjectMap, rootOf } from '#model/aci';
import type { Finding } from '#model/policy';

/** Most Kubernetes objects that a finding about one object of the fabric is told on: a filter may be shared by hundreds. */
const MOST_OBJECTS = 10;

/** How findings name an object of the fabric. */
const ON_THE_APIC = /^(?:ACI|EPG)\/(.+)$/s;

/** Dn of the object that a finding is about; undefined for one about something else. */
export const dnOf = ({ object }: Finding): string | undefined => ON_THE_APIC.exec(object)?.[1];

/**
 * The Kubernetes objects that a finding is told on: the one that it is about, or those that asked for the object of the
 * fabric that it is about, as that object's mark says.
 */
export function objectsOf(finding: Finding, fabric: ObjectMap): readonly string[] {
  const dn = dnOf(finding);
  if (dn === undefined) return [finding.object];
  const root = rootOf(fabric, dn);
  const source = root === undefined ? undefined : fabric.get(markDn(root, MARK_KEYS.source))?.attributes['value'];
  // The text may have been cut short, and says so by its last word.
  const named = (source ?? '').split(' ').filter((word) => word.includes('/'));
  return named.slice(0, MOST_OBJECTS);
}
