import { type ManagedObject, managedObject } from '#model/aci';
import { defaultPolicies } from './default-policies.js';
import type { FabricPlan } from './fabric-plan.js';

/** The autonomous system of the fabric: an APIC has none until somebody says it, and clients read it (§6.5). */
const FABRIC_AS = '65001';

/** `uni/fabric`: policies of the fabric itself, the rooms of pod policies, of vPC pairs and of firmware images. */
export const fabricPolicies = (): ManagedObject =>
  managedObject('fabricInst', {}, [
    managedObject('bgpInstPol', { name: 'default' }, [
      managedObject('bgpAsP', { asn: FABRIC_AS }),
      managedObject('bgpRRP', {}),
    ]),
    ...defaultPolicies('fabricInst', ['commPol', 'l2InstPol']),
    managedObject('firmwareRepoP', {}),
    managedObject('fabricFuncP', {}),
    managedObject('firmwareRepoP', {}),
    managedObject('fabricPodP', { name: 'default' }, [managedObject('fabricPodS', { name: 'default', type: 'ALL' })]),
    managedObject('fabricProtPol', {}),
  ]);

/** `uni/controller`: what was said when the fabric was set up, and the switches that it has taken in. */
export function controllerPolicies({ nodes, tepPool }: FabricPlan): ManagedObject {
  const identities = nodes
    .filter(({ role }) => role !== 'controller')
    .map(({ id, name, serial, role }) => managedObject('fabricNodeIdentP', { serial, name, nodeId: String(id), role }));
  return managedObject('ctrlrInst', {}, [
    managedObject('fabricNodeIdentPol', {}, identities),
    managedObject('fabricSetupPol', {}, [managedObject('fabricSetupP', { podId: '1', tepPool })]),
  ]);
}
