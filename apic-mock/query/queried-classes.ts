import { concreteClasses } from '#model/aci';

/**
 * Classes that clients name in their queries and that the table has no rows for: those of a cloud site, for which nearly
 * every integration test of the Ansible collection cisco.aci asks first, and three names that its modules ask for and
 * the metadata of release 6.0(9c) does not have. Nobody can make an object of them here, so a query finds none, as on a
 * fabric without a cloud site. Writing one is an error.
 */
const WITHOUT_OBJECTS: ReadonlySet<string> = new Set(
  `
  cloudApp cloudAwsProvider cloudBgpAsP cloudCidr cloudCtxProfile cloudEPSelector cloudEPg cloudExtEPSelector
  cloudExtEPg cloudIntNetworkP cloudProvP cloudRegion cloudRouterP cloudRsCloudEPgCtx cloudRsCtxProfileToRegion
  cloudRsToCtx cloudRsToHostRouterPol cloudRsToVpnGwPol cloudRsZoneAttach cloudSubnet cloudZone mgmtInb mgmtOob
  rtctrlRsSetPolicyTagToESg
`.match(/\w+/g) ?? [],
);

/**
 * The concrete classes that a name in a query stands for: itself, or the subclasses of an abstract one. A class that is
 * known by name only stands for itself. Empty for a class that no APIC has (apic-protocol.md §2.2, §2.3).
 */
export function queriedClasses(name: string): readonly string[] {
  const concrete = concreteClasses(name);
  return concrete.length === 0 && WITHOUT_OBJECTS.has(name) ? [name] : concrete;
}
