import { type ManagedObject, managedObject } from '#model/aci';
import { accessPolicies } from './access-policies.js';
import type { FabricPlan } from './fabric-plan.js';
import { controllerPolicies, fabricPolicies } from './fabric-policies.js';
import { defaultTenants } from './tenants.js';
import { userPolicies } from './user-policies.js';

const VMM_VENDORS = [
  'CloudFoundry',
  'Kubernetes',
  'Microsoft',
  'Nutanix',
  'OpenShift',
  'OpenStack',
  'Redhat',
  'VMware',
];

/** `uni` of an APIC that nobody has configured yet, with its users (apic-protocol.md §6.5). */
export const policyUniverse = (userNames: readonly string[], plan: FabricPlan): ManagedObject =>
  managedObject('polUni', {}, [
    ...defaultTenants(),
    accessPolicies(),
    fabricPolicies(),
    userPolicies(userNames),
    managedObject('aaaRbacEp', {}),
    controllerPolicies(plan),
    managedObject('fvEpPCont', {}),
    ...VMM_VENDORS.map((vendor) => managedObject('vmmProvP', { vendor })),
  ]);

/** `comp`: what VMM controllers tell of their machines; empty, but for the vendors. */
export const computeInventory = (): ManagedObject =>
  managedObject(
    'compUni',
    {},
    VMM_VENDORS.map((name) => managedObject('compProv', { name })),
  );
