import type { FabricSettings } from '#model/settings';

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
  'tagAnnotation',
] as const;

/** A part of the tree that must be followed: the classes at and below the Dn. */
export interface MirrorScope {
  readonly dn: string;
  readonly classes: readonly string[];
}

/** The parts of the fabric that decide whether it is as desired: all that {@link mapFabric} can write, and no more. */
export function mirrorScopes(settings: FabricSettings): readonly MirrorScope[] {
  const { tenant, attachableEntityProfile, vlanPool, physicalDomain } = settings;
  return [
    { dn: `uni/tn-${tenant.name}`, classes: TENANT_CLASSES },
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
