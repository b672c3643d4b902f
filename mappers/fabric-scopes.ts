import { type FabricSettings, otherTenantDns, tenantDn } from '#model/settings';

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

/** How the APIC says that something could not be done, on any object. */
const FAULT_CLASSES = ['faultInst', 'faultDelegate'] as const;

/** A part of the tree that must be followed: the classes at and below the Dn. */
export interface MirrorScope {
  readonly dn: string;
  readonly classes: readonly string[];
}

/**
 * The parts of the fabric that decide whether it is as desired: all that {@link mapFabric} can write, what bypasses it, and
 * the faults there.
 */
export const mirrorScopes = (settings: FabricSettings): readonly MirrorScope[] =>
  configurationScopes(settings).map(({ dn, classes }) => ({ dn, classes: [...classes, ...FAULT_CLASSES] }));

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
