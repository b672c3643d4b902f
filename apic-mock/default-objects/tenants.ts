import { type ManagedObject, managedObject } from '#model/aci';
import { defaultPolicies } from './default-policies.js';

const named = (className: string, name: string, children: readonly ManagedObject[] = []): ManagedObject =>
  managedObject(className, { name }, children);

const filter = (name: string, entry: Readonly<Record<string, string>>): ManagedObject =>
  managedObject('vzFilter', { name }, [managedObject('vzEntry', { name, ...entry })]);

const toContext = (name: string): ManagedObject => managedObject('fvRsCtx', { tnFvCtxName: name });

const toBridgeDomain = (name: string): ManagedObject => managedObject('fvRsBd', { tnFvBDName: name });

/** Policies whose relations a user makes, so that the class table does not name them as fallbacks. */
const POINTED_AT = ['bgpBestPathCtrlPol', 'qosDscpTransPol'];

const common = (): ManagedObject =>
  named('fvTenant', 'common', [
    ...defaultPolicies('fvTenant', POINTED_AT),
    named('fvCtx', 'default'),
    named('fvBD', 'default', [toContext('default')]),
    named('fvAp', 'default'),
    filter('default', {}),
    filter('arp', { etherT: 'arp' }),
    filter('icmp', { etherT: 'ip', prot: 'icmp' }),
    filter('est', { etherT: 'ip', prot: 'tcp', tcpRules: 'est' }),
    named('vzBrCP', 'default', [
      named('vzSubj', 'default', [managedObject('vzRsSubjFiltAtt', { tnVzFilterName: 'default' })]),
    ]),
  ]);

const infra = (): ManagedObject =>
  named('fvTenant', 'infra', [
    named('fvCtx', 'overlay-1'),
    named('fvBD', 'default', [toContext('overlay-1')]),
    named('fvAp', 'access', [named('fvAEPg', 'default', [toBridgeDomain('default')])]),
  ]);

const management = (): ManagedObject =>
  named('fvTenant', 'mgmt', [
    named('fvCtx', 'inb'),
    named('fvCtx', 'oob'),
    named('fvBD', 'inb', [toContext('inb')]),
    named('mgmtMgmtP', 'default', [
      named('mgmtInB', 'default', [managedObject('mgmtRsMgmtBD', { tnFvBDName: 'inb' })]),
      named('mgmtOoB', 'default'),
    ]),
    named('mgmtExtMgmtEntity', 'default'),
  ]);

/** The tenants that an APIC has before anybody configures one. */
export const defaultTenants = (): readonly ManagedObject[] => [common(), infra(), management()];
