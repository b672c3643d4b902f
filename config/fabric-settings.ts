import { InvalidInputError, messageOf } from '#errors';
import { COMMON_TENANT, resolveDn } from '#model/aci';
import { type Prefix, parseAddress, parsePrefix } from '#model/net';
import { contractTenantDn, type FabricSettings, type GroupPattern, readGroupPattern } from '#model/settings';
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
  const tenant = named(fabric.tenant);
  const vrf = { ...named(fabric.vrf), ...sharedIn('fabric.vrf', fabric.vrf, tenant.name) };
  const l3out = { ...named(fabric.l3out), ...sharedIn('fabric.l3out', fabric.l3out, tenant.name) };
  if (l3out.tenant !== undefined && vrf.tenant === undefined) {
    throw new InvalidInputError(
      `fabric.l3out.tenant: an L3Out in '${COMMON_TENANT}' is in a VRF there; set fabric.vrf.tenant: ${COMMON_TENANT} and fabric.vrf.own: false as well`,
    );
  }
  const others = foreignTenants(fabric, tenant.name);
  return {
    clusterId,
    tenant,
    vrf,
    applicationProfile: fabric.applicationProfile ?? derived,
    bridgeDomain: fabric.bridgeDomain,
    physicalDomain: named(fabric.physicalDomain),
    attachableEntityProfile: named(fabric.attachableEntityProfile),
    vlanPool: { ...fabric.vlanPool, name: fabric.vlanPool.name ?? derived },
    ...(fabric.vniPool === undefined ? {} : { vniPool: fabric.vniPool }),
    l3out,
    ...(others.length === 0 ? {} : { foreignTenants: others }),
    vrfWidePermits: fabric.vrfWidePermits ?? fabric.vrf.own,
    vzAnyContracts: fabric.vzAnyContracts ?? (fabric.vrf.own ? 'auto' : 'never'),
    encoding: fabric.encoding,
    hostPaths: Object.entries(fabric.hostPaths).map(([nodes, paths]) => ({ nodes, paths })),
    budget: { hostPortsPerLeaf: fabric.hostPortsPerLeaf, limits: fabric.limits },
  };
}

/** The tenant of an object that is not in the gateway's own: tenant `common`, where names are found from everywhere. */
function sharedIn(
  field: string,
  { tenant, own }: { readonly tenant?: string | undefined; readonly own: boolean },
  gatewayTenant: string,
): { readonly tenant?: string } {
  if (tenant === undefined || tenant === gatewayTenant) return {};
  if (tenant !== COMMON_TENANT) {
    throw new InvalidInputError(
      `${field}.tenant: '${tenant}'; expected '${COMMON_TENANT}', or none for '${gatewayTenant}': an APIC looks names up in these two`,
    );
  }
  if (own) {
    throw new InvalidInputError(
      `${field}.own: what is in tenant '${COMMON_TENANT}' is an admin's; make it there and set ${field}.own: false`,
    );
  }
  return { tenant };
}

/** Names of the tenants, beside the gateway's own, of groups that the configuration names. */
function foreignTenants({ foreignEpgs: foreign, nodes }: Configuration['fabric'], own: string): readonly string[] {
  const dns = [...foreign.map(({ dn }) => dn), ...(nodes === undefined ? [] : [nodes.epg])];
  const names = dns.flatMap((dn) => /^uni\/tn-([^/]+)\//.exec(dn)?.[1] ?? []);
  return [...new Set(names)].filter((name) => name !== own);
}

/**
 * The foreign groups of the configuration. Throws {@link InvalidInputError} for a Dn that is no group that contracts can reach (their
 * names are looked up in the group's own tenant, then in `common`), for one that is named twice, and for addresses of an external
 * EPG, which has its subnets.
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

/** ACI takes no contracts between these and EPGs, and the pods are in EPGs (policy.md A19). */
const SECURITY_GROUP = 'an endpoint security group, and no contract holds between these and the EPGs of pods';

/** Forms of a group's Dn, by class. */
type GroupForms = Readonly<Record<string, string>>;
const EPG_FORM: GroupForms = { fvAEPg: 'uni/tn-…/ap-…/epg-…' };
const FOREIGN_FORMS: GroupForms = { ...EPG_FORM, l3extInstP: 'uni/tn-…/out-…/instP-…' };

/**
 * The EPG of the nodes, where the configuration names one. Throws {@link InvalidInputError} for a Dn that is no EPG that
 * contracts can reach, and for one that is a foreign EPG as well.
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
  const settings = fabricSettings(configuration);
  const resolved = resolveDn(dn);
  const className = resolved.ok ? (resolved.steps.at(-1)?.className ?? '') : '';
  if (forms[className] === undefined) {
    const what = className === 'fvESg' ? SECURITY_GROUP : 'no EPG';
    throw new InvalidInputError(`${field}: '${dn}' is ${what}; expected ${Object.values(forms).join(' or ')}`);
  }
  const reached = contractTenantDn(settings);
  if (reached !== `uni/tn-${COMMON_TENANT}` && !dn.startsWith(`${reached}/`)) {
    throw new InvalidInputError(
      `${field}: '${dn}' is not in tenant '${settings.tenant.name}'; contracts there reach groups of that tenant only. For groups of other tenants the VRF has to be in tenant '${COMMON_TENANT}': fabric.vrf: { name: …, own: false, tenant: ${COMMON_TENANT} }`,
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
