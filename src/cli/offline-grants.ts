import { type Configuration, fabricPolicyRules, fabricSettings, foreignEpgs } from '#config';
import { fabricGrants, fabricGroupName } from '#mappers';
import type { FabricGrants } from '#model/kubernetes';

/** What FabricPolicies may ask for, as far as the configuration says: addresses that the fabric has learned nobody knows here. */
export function offlineGrants(configuration: Configuration): FabricGrants {
  const epgs = foreignEpgs(configuration);
  const grants = fabricGrants(fabricPolicyRules(configuration) ?? [], epgs, fabricSettings(configuration));
  const learned = new Set(epgs.filter((epg) => epg.learned).map(({ dn }) => fabricGroupName(dn)));
  const groups = [...grants.groups].map(
    ([name, peer]) => [name, learned.has(name) ? { ...peer, empty: UNKNOWN_HERE } : peer] as const,
  );
  return { ...grants, groups: new Map(groups) };
}

const UNKNOWN_HERE = 'its addresses are those that the fabric knows, which is not asked here';
