import { type ManagedObject, managedObject } from '#model/aci';

/** Roles that an APIC comes with, and their privileges (Cisco APIC Security Configuration Guide, roles and privileges). */
const ROLES: Readonly<Record<string, string>> = {
  aaa: 'aaa',
  admin: 'admin',
  'access-admin': 'access-connectivity,access-equipment,access-protocol,access-qos',
  'fabric-admin': 'fabric-connectivity,fabric-equipment,fabric-protocol',
  'nw-svc-admin': 'nw-svc-policy',
  'nw-svc-params': 'nw-svc-params',
  ops: 'ops',
  'read-all': 'admin',
  'tenant-admin':
    'aaa,tenant-connectivity,tenant-epg,tenant-network-profile,tenant-protocol,tenant-qos,tenant-security',
  'tenant-ext-admin': 'tenant-ext-connectivity,tenant-ext-protocol',
  'vmm-admin': 'vmm-policy',
};

/** `uni/userext`: administrators by name, security domains, roles, the login domain to fall back to, a key ring. */
export const userPolicies = (names: readonly string[]): ManagedObject =>
  managedObject('aaaUserEp', {}, [
    managedObject('aaaDomain', { name: 'all' }),
    managedObject('aaaDomain', { name: 'common' }),
    managedObject('aaaDomain', { name: 'mgmt' }),
    ...Object.entries(ROLES).map(([name, priv]) => managedObject('aaaRole', { name, priv })),
    managedObject('aaaLoginDomain', { name: 'fallback' }, [managedObject('aaaDomainAuth', { realm: 'local' })]),
    managedObject('pkiEp', {}, [managedObject('pkiKeyRing', { name: 'default', adminState: 'completed' })]),
    ...names.map(administrator),
  ]);

const administrator = (name: string): ManagedObject =>
  managedObject('aaaUser', { name }, [
    managedObject('aaaUserDomain', { name: 'all' }, [
      managedObject('aaaUserRole', { name: 'admin', privType: 'writePriv' }),
    ]),
  ]);
