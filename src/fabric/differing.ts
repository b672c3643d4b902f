import { isSameObject, type ObjectMap } from '#model/aci';
import { SharedMap } from './shared-map.js';

/**
 * Dns of the objects that are others in the two maps, and perhaps of some that are equal. Maps of which one was made from
 * the other cost as much as they differ; else every object is compared.
 */
export function differingDns(before: ObjectMap, after: ObjectMap): ReadonlySet<string> {
  if (before === after) return NOTHING;
  if (before instanceof SharedMap && after instanceof SharedMap) return before.differingKeys(after);
  const dns = new Set<string>();
  for (const [dn, object] of before) if (!isSameObject(object, after.get(dn))) dns.add(dn);
  for (const dn of after.keys()) if (!before.has(dn)) dns.add(dn);
  return dns;
}

const NOTHING: ReadonlySet<string> = new Set();
