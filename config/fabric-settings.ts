import { InvalidInputError, messageOf } from '#errors';
import { resolveDn } from '#model/aci';
import { type Prefix, parseAddress, parsePrefix } from '#model/net';
import { type FabricSettings, type GroupPattern, readGroupPattern } from '#model/settings';
import type { Configuration } from './schema.js';

/** A group of VMs or bare metal that policies may reach by address, validated. */
export interface ForeignEpgSetting {
  readonly dn: string;
  readonly prefixes: readonly Prefix[];
  /** Whether its addresses are those that the fabric knows: then there are no prefixes here. */
  readonly learned: boolean;
}

/** The EPG that an admin put the nodes in, validated. Without prefixes it holds the nodes' own addresses. */
export interface NodeEpgSetting {
  readonly dn: string;
  readonly prefixes: readonly Prefix[] | undefined;
}

/** An entry of those that say who may ask for what by FabricPolicy. */
export interface FabricPolicyRule {
  readonly namespaces: readonly string[];
  /** Names of FabricGroups. */
  readonly groups: readonly string[];
  readonly ports: readonly string[] | undefined;
}

/** What of the fabric is told to Kubernetes. */
export interface InventorySetting {
  /** Groups that become FabricGroup objects. */
  readonly groups: readonly GroupPattern[];
  /** Whether addresses of pods are looked for in what the fabric has learned. */
  readonly ipConflicts: boolean;
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
    ...(fabric.vniPool === undefined ? {} : { vniPool: fabric.vniPool }),
    l3out: fabric.l3out,
    vrfWidePermits: fabric.vrfWidePermits ?? fabric.vrf.own,
    vzAnyContracts: fabric.vzAnyContracts ?? (fabric.vrf.own ? 'auto' : 'never'),
    encoding: fabric.encoding,
    hostPaths: Object.entries(fabric.hostPaths).map(([nodes, paths]) => ({ nodes, paths })),
    budget: { hostPortsPerLeaf: fabric.hostPortsPerLeaf, limits: fabric.limits },
  };
}

/**
 * The foreign groups of the configuration. Throws {@link InvalidInputError} for a Dn that is no group of the gateway's tenant (a
 * contract's name is looked up in the group's own tenant, so it must be the same one), for one that is named twice, and for
 * addresses of an external EPG, which has its subnets.
 */
export function foreignEpgs(configuration: Configuration): readonly ForeignEpgSetting[] {
  return configuration.fabric.foreignEpgs.map(({ dn, addresses }, index) => {
    const field = `fabric.foreignEpgs.${index}`;
    const className = checkGroup(configuration, `${field}.dn`, dn, FOREIGN_FORMS);
    if (configuration.fabric.foreignEpgs.findIndex((other) => other.dn === dn) < index) {
      throw new InvalidInputError(`${field}.dn: '${dn}' is named twice; name it once`);
    }
    if (className === 'l3extInstP' && addresses !== undefined) {
      throw new InvalidInputError(
        `${field}.addresses: an external EPG has those of its subnets on the APIC; leave them out`,
      );
    }
    const prefixes = (addresses ?? []).map((text) => prefixOf(`${field}.addresses`, text));
    return { dn, prefixes, learned: addresses === undefined };
  });
}

/** Forms of a group's Dn, by class. */
type GroupForms = Readonly<Record<string, string>>;
const EPG_FORM: GroupForms = { fvAEPg: 'uni/tn-…/ap-…/epg-…' };
const FOREIGN_FORMS: GroupForms = {
  ...EPG_FORM,
  fvESg: 'uni/tn-…/ap-…/esg-…',
  l3extInstP: 'uni/tn-…/out-…/instP-…',
};

/**
 * The EPG of the nodes, where the configuration names one. Throws {@link InvalidInputError} for a Dn that is no EPG of the
 * gateway's tenant, and for one that is a foreign EPG as well.
 */
export function nodeEpg(configuration: Configuration): NodeEpgSetting | undefined {
  const { nodes, foreignEpgs: foreign } = configuration.fabric;
  if (nodes === undefined) return undefined;
  checkGroup(configuration, 'fabric.nodes.epg', nodes.epg, EPG_FORM);
  if (foreign.some(({ dn }) => dn === nodes.epg)) {
    throw new InvalidInputError(`fabric.nodes.epg: '${nodes.epg}' is in fabric.foreignEpgs as well; name it once`);
  }
  return { dn: nodes.epg, prefixes: nodes.addresses?.map((text) => prefixOf('fabric.nodes.addresses', text)) };
}

/** Who may ask for what by FabricPolicy; undefined where nobody may. */
export function fabricPolicyRules({
  fabricPolicies: { allow },
}: Configuration): readonly FabricPolicyRule[] | undefined {
  if (allow.length === 0) return undefined;
  return allow.map(({ namespaces, groups, ports }) => ({ namespaces, groups, ports }));
}

/** What of the fabric is told to Kubernetes, validated. */
export function inventorySettings({ inventory }: Configuration): InventorySetting {
  const groups = inventory.groups.flatMap((text) => readGroupPattern(text) ?? []);
  return { groups, ipConflicts: inventory.ipConflicts };
}

/** Class of the group at the Dn. */
function checkGroup(configuration: Configuration, field: string, dn: string, forms: GroupForms): string {
  const tenant = fabricSettings(configuration).tenant.name;
  const resolved = resolveDn(dn);
  const className = resolved.ok ? (resolved.steps.at(-1)?.className ?? '') : '';
  if (forms[className] === undefined) {
    const what = Object.keys(forms).length === 1 ? 'no EPG' : 'no group';
    throw new InvalidInputError(`${field}: '${dn}' is ${what}; expected ${Object.values(forms).join(' or ')}`);
  }
  if (!dn.startsWith(`uni/tn-${tenant}/`)) {
    throw new InvalidInputError(
      `${field}: '${dn}' is not in tenant '${tenant}'; contracts reach EPGs of that tenant only`,
    );
  }
  return className;
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
