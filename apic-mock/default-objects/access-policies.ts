import { type ManagedObject, managedObject } from '#model/aci';
import { defaultPolicies } from './default-policies.js';

/** VLAN of the infra tenant's EPG: clients read it below the default attachable entity profile (apic-protocol.md §6.5). */
const INFRA_VLAN = '3967';

/** Policies of ports that are there although no relation of the class table leads to them (Dns: public Terraform plans). */
const PORT_POLICIES = [
  'coppIfPol',
  'dwdmIfPol',
  'fabricLinkFlapPol',
  'fcIfPol',
  'l2PortAuthPol',
  'l2PortSecurityPol',
  'mcpInstPol',
  'poeIfPol',
  'qosDppPol',
  'qosLlfcIfPol',
  'qosPfcIfPol',
  'qosSdIfPol',
  'stpIfPol',
];

const QOS_LEVELS = ['level1', 'level2', 'level3', 'level4', 'level5', 'level6'];

/** `uni/infra` of an APIC that nobody has configured: default policies and the way to the infra EPG, no pools, no profiles. */
export const accessPolicies = (): ManagedObject =>
  managedObject('infraInfra', {}, [
    managedObject('infraAttEntityP', { name: 'default' }, [
      managedObject('infraProvAcc', { name: 'provacc' }, [
        managedObject('infraRsFuncToEpg', {
          tDn: 'uni/tn-infra/ap-access/epg-default',
          encap: `vlan-${INFRA_VLAN}`,
        }),
      ]),
    ]),
    ...defaultPolicies('infraInfra', PORT_POLICIES),
    managedObject(
      'qosInstPol',
      { name: 'default' },
      QOS_LEVELS.map((prio) => managedObject('qosClass', { prio })),
    ),
  ]);
