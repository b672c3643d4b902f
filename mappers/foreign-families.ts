import type { IpFamily } from '#model/net';
import type { GroupFacts, Permit } from '#model/policy';
import { isForeign } from './external-groups.js';

/**
 * Permits between pods of both families and an admin's EPG as a contract has to say them. To the compiler the EPG's addresses
 * of each family are a group, whose permits hold in the family that it has; on the EPG they would hold in the other as well.
 */
export function heldToFamily(
  permits: readonly Permit[],
  source: GroupFacts | undefined,
  destination: GroupFacts | undefined,
): readonly Permit[] {
  const family = familyBetween(source, destination) ?? familyBetween(destination, source);
  if (family === undefined) return permits;
  return permits.map((permit) => (permit.family === 'ip' ? { ...permit, family: `ipv${family}` } : permit));
}

/** The one family of an EPG toward pods that have both. */
function familyBetween(epg: GroupFacts | undefined, pods: GroupFacts | undefined): IpFamily | undefined {
  if (epg === undefined || !isForeign(epg) || pods?.kind !== 'pods' || pods.families.length < 2) return undefined;
  const [family, ...others] = new Set(epg.prefixes.map((prefix) => prefix.family));
  return others.length > 0 ? undefined : family;
}
