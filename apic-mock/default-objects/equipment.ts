import { type ManagedObject, managedObject } from '#model/aci';
import type { PlannedNode } from './fabric-plan.js';

/** Firmware of a controller's server management, of a controller of that model (ACI pre-upgrade validation script, tests). */
const CIMC_VERSION = '4.3(4.241063)';

/**
 * What a node is made of (apic-protocol.md §6.5): its chassis, and on switches the room of the figures of its capacity,
 * which are statistics and not simulated.
 */
export const equipmentOf = (node: PlannedNode): readonly ManagedObject[] => [
  chassis(node),
  ...(node.role === 'controller' ? [] : [managedObject('eqptcapacityEntity', {})]),
];

/** `sys/ch`; the words of `descr` as in public samples: `APIC-SERVER-M3`, `Nexus9000 C93180YC-FX Chassis`. */
function chassis({ role, model, serial }: PlannedNode): ManagedObject {
  const isController = role === 'controller';
  return managedObject('eqptCh', {
    id: '1',
    model,
    ser: serial,
    role,
    operSt: 'online',
    descr: isController ? model : `Nexus9000 ${model.replace('N9K-', '')} Chassis`,
    ...(isController ? { cimcVersion: CIMC_VERSION } : {}),
  });
}
