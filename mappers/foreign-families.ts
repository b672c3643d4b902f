import type { IpFamily } from '#model/net';
import type { CompiledPolicy, GroupName, Permit } from '#model/policy';
import { isForeign } from './external-groups.js';

/**
 * Permits as an EPG with addresses of both families needs them. It is a group for each family to the compiler, whose
 * permits hold in whatever family the group has; on the EPG they would hold in the other one as well.
 */
export function inOwnFamilies(compiled: CompiledPolicy, permits: readonly Permit[]): readonly Permit[] {
  const families = familiesOfParts(compiled);
  if (families.size === 0) return permits;
  return permits.map((permit) => {
    const family = families.get(permit.source) ?? families.get(permit.destination);
    return family === undefined || permit.family !== 'ip'
      ? permit
      : { ...permit, family: family === 4 ? 'ipv4' : 'ipv6' };
  });
}

/** The one family of each group that is part of an EPG with both. */
function familiesOfParts({ groups }: CompiledPolicy): ReadonlyMap<GroupName, IpFamily> {
  const byDn = new Map<string, Set<IpFamily>>();
  for (const { dn, prefixes } of groups.filter(isForeign)) {
    const known = byDn.get(dn) ?? new Set();
    for (const { family } of prefixes) known.add(family);
    byDn.set(dn, known);
  }
  return new Map(
    groups.filter(isForeign).flatMap(({ name, dn, prefixes }): readonly (readonly [GroupName, IpFamily])[] => {
      const [family, ...others] = new Set(prefixes.map((prefix) => prefix.family));
      return (byDn.get(dn)?.size ?? 0) < 2 || family === undefined || others.length > 0 ? [] : [[name, family]];
    }),
  );
}
