import { InvalidInputError, messageOf } from '#errors';
import { resolveDn } from '#model/aci';
import { type Prefix, parseAddress, parsePrefix } from '#model/net';
import type { FabricSettings } from '#model/settings';
import type { Configuration } from './schema.js';

/** An EPG of VMs or bare metal that policies may reach by address, validated. */
export interface ForeignEpgSetting {
  readonly dn: string;
  readonly prefixes: readonly Prefix[];
}

/** The fabric's settings with every name that was left out derived from the cluster id. */
export function fabricSettings({ clusterId, fabric }: Configuration): FabricSettings {
  const derived = `k8s-${clusterId}`;
  const named = (object: { name?: string | undefined; own: boolean }): { name: string; own: boolean } => ({
    name: object.name ?? derived,
    own: object.own,
  });
  for (const gateway of fabric.bridgeDomain.gateways) checkGateway(gateway);
  return {
    clusterId,
    tenant: named(fabric.tenant),
    vrf: named(fabric.vrf),
    applicationProfile: fabric.applicationProfile ?? derived,
    bridgeDomain: fabric.bridgeDomain,
    physicalDomain: named(fabric.physicalDomain),
    attachableEntityProfile: named(fabric.attachableEntityProfile),
    vlanPool: { ...fabric.vlanPool, name: fabric.vlanPool.name ?? derived },
    l3out: fabric.l3out,
    vrfWidePermits: fabric.vrfWidePermits ?? fabric.vrf.own,
    vzAnyContracts: fabric.vzAnyContracts ?? (fabric.vrf.own ? 'auto' : 'never'),
    budget: { hostPortsPerLeaf: fabric.hostPortsPerLeaf, limits: fabric.limits },
  };
}

/**
 * The foreign EPGs of the configuration. Throws {@link InvalidInputError} for a Dn that is no EPG of the gateway's tenant:
 * a contract's name is looked up in the EPG's own tenant, so it must be the same one.
 */
export function foreignEpgs(configuration: Configuration): readonly ForeignEpgSetting[] {
  const tenant = fabricSettings(configuration).tenant.name;
  return configuration.fabric.foreignEpgs.map(({ dn, addresses }, index) => {
    const field = `fabric.foreignEpgs.${index}`;
    const resolved = resolveDn(dn);
    if (!resolved.ok || resolved.steps.at(-1)?.className !== 'fvAEPg') {
      throw new InvalidInputError(`${field}.dn: '${dn}' is no EPG; expected uni/tn-…/ap-…/epg-…`);
    }
    if (!dn.startsWith(`uni/tn-${tenant}/`)) {
      throw new InvalidInputError(
        `${field}.dn: '${dn}' is not in tenant '${tenant}'; contracts reach EPGs of that tenant only`,
      );
    }
    return { dn, prefixes: addresses.map((text) => prefixOf(`${field}.addresses`, text)) };
  });
}

function prefixOf(field: string, text: string): Prefix {
  try {
    return parsePrefix(text);
  } catch (error) {
    throw new InvalidInputError(`${field}: ${messageOf(error)}`, { cause: error });
  }
}

function checkGateway(text: string): void {
  const field = 'fabric.bridgeDomain.gateways';
  prefixOf(field, text);
  parseAddress(text.split('/')[0] ?? '');
}
