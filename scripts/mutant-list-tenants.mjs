// Mistakes where the VRF, contracts and groups are in several tenants (decision 20). In the form of mutant-list.mjs.

const PLACES = 'src/model/settings/fabric-places.ts';
const LOOKUP = 'src/model/aci/lookup.ts';
const TARGETS = 'src/fabric/relation-target.ts';
const PHASES = 'src/fabric/phases.ts';
const ADMINS = 'src/fabric/admin-contracts.ts';
const RULES = 'src/fabric/zoning-rules.ts';
const VRFS = 'src/fabric/foreign-vrfs.ts';
const OUTSIDE = 'src/fabric/outside-prefixes.ts';
const NETWORK = 'mappers/network.ts';
const TREE = 'mappers/fabric-tree.ts';
const BRIDGES = 'mappers/move-bridges.ts';
const OBJECTS = 'workers/fabric-objects.ts';
const CONFIG = 'config/fabric-settings.ts';

const mutant = (name, ...edits) => ({ name: `tenants: ${name}`, edits });

export const TENANT_MUTANTS = [
  mutant('contracts are in the tenant of the pods', [
    PLACES,
    'contractTenantDn = ({ tenant, vrf }: FabricSettings): string => `uni/tn-${vrf.tenant ?? tenant.name}`;',
    'contractTenantDn = ({ tenant }: FabricSettings): string => `uni/tn-${tenant.name}`;',
  ]),
  mutant('names in common are those of a tenant of our own', [
    NETWORK,
    "tenant.own && (place.tenant ?? tenant.name) === tenant.name ? '' :",
    "tenant.own ? '' :",
  ]),
  mutant('tenant common is not followed', [
    PLACES,
    '[...new Set([...namedTenantDns(settings), ...foreign])]',
    '[...new Set(foreign)]',
  ]),
  mutant('tenants of foreign groups are not followed', [
    PLACES,
    '[...new Set([...namedTenantDns(settings), ...foreign])]',
    '[...new Set(namedTenantDns(settings))]',
  ]),
  mutant('a name is looked up in common first', [
    LOOKUP,
    '  `${topDn(dn)}/${rn}`,\n  `uni/tn-${COMMON_TENANT}/${rn}`,',
    '  `uni/tn-${COMMON_TENANT}/${rn}`,\n  `${topDn(dn)}/${rn}`,',
  ]),
  mutant('a name that is taken in common is related to', [
    TARGETS,
    'return lookupDns(dn, rnFor(relation.to, { name }));',
    'return [lookupDns(dn, rnFor(relation.to, { name }))[0]];',
  ]),
  mutant('a contract in common denies nothing', [
    PHASES,
    '.some((contract) => denying',
    '.slice(0, 1).some((contract) => denying',
  ]),
  mutant('a contract of ours in common is an admin’s', [
    ADMINS,
    'placesOf(name, own).some((place)',
    'placesOf(name, own).slice(0, 1).some((place)',
  ]),
  mutant('a contract of an admin in common is not seen', [
    ADMINS,
    'placesOf(name, own).find((dn)',
    'placesOf(name, own).slice(0, 1).find((dn)',
  ]),
  mutant('an endpoint security group has contracts with EPGs', [
    RULES,
    '|| !mayMeet(consumer.zoningClass, provider.zoningClass)',
    '',
  ]),
  mutant('hosts let through what an admin meant for a security group', [
    ADMINS,
    '|| !mayMeet(source, destination)',
    '',
  ]),
  mutant('a group in another VRF is as good as any', [
    VRFS,
    'its === undefined || its === vrf',
    'its !== vrf || its === vrf',
  ]),
  mutant('VRFs of one name are one', [
    OUTSIDE,
    'return dns.find((dn) => this.#sides.some((side) => side.has(dn))) ?? dns[0];',
    'return dns[1];',
  ]),
  mutant('the tenants of foreign groups are left out of the tree', [
    TREE,
    'children.add(dn, foreignPath(dn, relations));',
    'if (dn.startsWith(`${tenantDn(settings)}/`)) children.add(dn, foreignPath(dn, relations));',
  ]),
  mutant('what pods that move need is in the tenant of the pods', [
    BRIDGES,
    'const above = contractTenantDn(settings);',
    'const above = `uni/tn-${settings.tenant.name}`;',
  ]),
  mutant('the step to a foreign group is the gateway’s own tenant', [
    OBJECTS,
    'const own = [...namedTenantDns(settings), profileDn(settings), l3outDn(settings)];',
    'const own = [...namedTenantDns(settings), ...settings.foreignTenants.map((name) => `uni/tn-${name}`), profileDn(settings), l3outDn(settings)];',
  ]),
  mutant('groups of any tenant are taken with a VRF of the tenant', [
    CONFIG,
    'if (reached !== `uni/tn-${COMMON_TENANT}` && !dn.startsWith(`${reached}/`)) {',
    'if (reached === dn) {',
  ]),
];
