import { classNames, classRow, mayContain, propertySpec } from '#model/aci';
import { type FabricSettings, namedTenantDns, otherTenantDns, tenantDn } from '#model/settings';

/** Classes that the gateway writes or reads below its tenant. */
const TENANT_CLASSES = [
  'fvTenant',
  'fvCtx',
  'vzAny',
  'vzRsAnyToProv',
  'vzRsAnyToCons',
  'fvBD',
  'fvRsCtx',
  'fvRsBDToOut',
  'fvSubnet',
  'fvAp',
  'fvAEPg',
  'fvRsBd',
  'fvRsDomAtt',
  'fvRsPathAtt',
  'fvRsProv',
  'fvRsCons',
  'fvRsIntraEpg',
  // Of an admin's: the way to its VRF.
  'fvESg',
  'fvRsScope',
  'vzBrCP',
  'vzSubj',
  'vzInTerm',
  'vzOutTerm',
  'vzRsFiltAtt',
  'vzRsSubjFiltAtt',
  'vzFilter',
  'vzEntry',
  'l3extOut',
  'l3extRsEctx',
  'l3extInstP',
  'l3extSubnet',
  // Of an admin's L3Out: addresses of its interfaces bypass contracts (policy.md A5).
  'l3extRsPathL3OutAtt',
  'l3extMember',
  'l3extIp',
  'tagAnnotation',
] as const;

/** Objects that the gateway makes and takes away, with what an admin may hang below them. */
const HOLDING_CLASSES = [
  'fvCtx',
  'vzAny',
  'fvBD',
  'fvSubnet',
  'fvAp',
  'fvAEPg',
  'fvRsDomAtt',
  'fvRsPathAtt',
  'fvRsProv',
  'fvRsCons',
  'vzBrCP',
  'vzSubj',
  'vzInTerm',
  'vzOutTerm',
  'vzFilter',
  'l3extOut',
  'l3extInstP',
  'l3extSubnet',
] as const;

/** What people hang on any object to say something of it: it belongs to the object. */
const TAG = /^tag/;

/**
 * Classes of which an admin may configure objects right below those of the gateway's in a tenant, and that the gateway itself neither
 * writes nor reads: before it takes an object away it has to know of them.
 */
export function othersClasses(): readonly string[] {
  const known = new Set<string>(TENANT_CLASSES);
  const mayBeMade = (name: string): boolean => {
    const row = classRow(name);
    const isMade = row?.creatable !== 'never' && row?.configurable !== false;
    return isMade && propertySpec(name, 'annotation') !== undefined;
  };
  return classNames().filter(
    (name) =>
      !known.has(name) &&
      !TAG.test(name) &&
      mayBeMade(name) &&
      HOLDING_CLASSES.some((above) => mayContain(above, name)),
  );
}

/** How the APIC says that something could not be done, on any object. */
const FAULT_CLASSES = ['faultInst', 'faultDelegate'] as const;

/** A part of the tree that must be followed: the classes at and below the Dn. */
export interface MirrorScope {
  readonly dn: string;
  readonly classes: readonly string[];
}

/**
 * The parts of the fabric that decide whether it is as desired: all that {@link mapFabric} can write, what bypasses it, and
 * the faults there; and what others have below the gateway's objects. That is apart, as there is little of it: one page holds it,
 * while a large tenant is listed class by class.
 */
export function mirrorScopes(settings: FabricSettings): readonly MirrorScope[] {
  const own = configurationScopes(settings).map(({ dn, classes }) => ({ dn, classes: [...classes, ...FAULT_CLASSES] }));
  return [...own, ...namedTenantDns(settings).map((dn) => ({ dn, classes: othersClasses() }))];
}

function configurationScopes(settings: FabricSettings): readonly MirrorScope[] {
  const { attachableEntityProfile, vlanPool, physicalDomain } = settings;
  return [
    ...[tenantDn(settings), ...otherTenantDns(settings)].map((dn) => ({ dn, classes: TENANT_CLASSES })),
    {
      dn: `uni/infra/attentp-${attachableEntityProfile.name}`,
      classes: ['infraAttEntityP', 'infraRsDomP', 'infraGeneric', 'infraRsFuncToEpg', 'tagAnnotation'],
    },
    {
      dn: `uni/infra/vlanns-[${vlanPool.name}]-static`,
      classes: ['fvnsVlanInstP', 'fvnsEncapBlk', 'tagAnnotation'],
    },
    { dn: `uni/phys-${physicalDomain.name}`, classes: ['physDomP', 'infraRsVlanNs', 'tagAnnotation'] },
  ];
}
