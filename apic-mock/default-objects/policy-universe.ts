import { type ManagedObject, managedObject } from '#model/aci';
import { defaultTenants } from './tenants.js';

/** VLAN of the infra tenant's EPG: clients read it below the default attachable entity profile (apic-protocol.md §6.5). */
const INFRA_VLAN = '3967';

const access = (): ManagedObject =>
  managedObject('infraInfra', {}, [
    managedObject('infraAttEntityP', { name: 'default' }, [
      managedObject('infraProvAcc', { name: 'provacc' }, [
        managedObject('infraRsFuncToEpg', {
          tDn: 'uni/tn-infra/ap-access/epg-default',
          encap: `vlan-${INFRA_VLAN}`,
        }),
      ]),
    ]),
  ]);

const fabricPolicies = (): ManagedObject =>
  managedObject('fabricInst', {}, [
    managedObject('bgpInstPol', { name: 'default' }, [managedObject('bgpAsP', { asn: '65001' })]),
  ]);

const users = (names: readonly string[]): ManagedObject =>
  managedObject('aaaUserEp', {}, [
    managedObject('aaaDomain', { name: 'all' }),
    managedObject('aaaDomain', { name: 'common' }),
    managedObject('aaaDomain', { name: 'mgmt' }),
    ...names.map((name) =>
      managedObject('aaaUser', { name }, [
        managedObject('aaaUserDomain', { name: 'all' }, [
          managedObject('aaaUserRole', { name: 'admin', privType: 'writePriv' }),
        ]),
      ]),
    ),
  ]);

const VMM_VENDORS = ['CloudFoundry', 'Kubernetes', 'Microsoft', 'OpenShift', 'OpenStack', 'Redhat', 'VMware'];

/** `uni` of an APIC that nobody has configured yet, with its users (apic-protocol.md §6.5). */
export const policyUniverse = (userNames: readonly string[]): ManagedObject =>
  managedObject('polUni', {}, [
    ...defaultTenants(),
    access(),
    fabricPolicies(),
    users(userNames),
    managedObject('ctrlrInst', {}),
    ...VMM_VENDORS.map((vendor) => managedObject('vmmProvP', { vendor })),
  ]);
