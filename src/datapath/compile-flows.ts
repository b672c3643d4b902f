import type { BridgeState, NodePolicy } from '#model/node';
import { destinationFlows, sourceFlows } from './addressing.js';
import { admissionFlows } from './admission.js';
import { alwaysFlows } from './always.js';
import { arpFlows } from './arp.js';
import { classifyFlows } from './classify.js';
import { type Flow, formatFlow } from './flow.js';
import { joinNode } from './join.js';
import { outputFlows } from './output.js';
import { portSecurityFlows } from './port-security.js';
import type { DatapathView } from './view.js';

/** The stages of VLAN mode in pipeline order. Other modes replace or add stages here. */
const VLAN_STAGES: readonly ((view: DatapathView) => readonly Flow[])[] = [
  classifyFlows,
  portSecurityFlows,
  arpFlows,
  alwaysFlows,
  sourceFlows,
  destinationFlows,
  admissionFlows,
  outputFlows,
];

/**
 * All flows of the node's bridge in the syntax of `ovs-ofctl -O OpenFlow15`, exact to the policy: what no permit allows is
 * dropped. Equal input gives equal text in equal order. Throws InvalidInputError when an address of the policy is none.
 */
export function compileFlows(policy: NodePolicy, bridge: BridgeState): readonly string[] {
  const view = joinNode(policy, bridge);
  return VLAN_STAGES.flatMap((stage) => stage(view)).map(formatFlow);
}
