import { type ManagedObject, managedObject } from '#model/aci';
import { equipmentOf } from './equipment.js';
import type { FabricPlan, PlannedNode } from './fabric-plan.js';
import { linksOf } from './links.js';
import { hostPortNames, portsOf } from './ports.js';

/** `topology`: one pod with the nodes of the plan, all up (apic-protocol.md §6.5). */
export function fabricTopology(plan: FabricPlan): ManagedObject {
  const leaves = plan.nodes.filter((node) => node.role === 'leaf');
  return managedObject('fabricTopology', {}, [
    managedObject('fabricPod', { id: '1' }, [
      ...plan.nodes.map((node) => fabricNode(node, plan)),
      ...linksOf(plan),
      ...leaves.map((node) => paths(node)),
      ...pairs(leaves).map(([a, b]) =>
        managedObject('fabricProtPathEpCont', { nodeAId: String(a.id), nodeBId: String(b.id) }),
      ),
    ]),
  ]);
}

function fabricNode(node: PlannedNode, plan: FabricPlan): ManagedObject {
  const { role, name, model, serial, address } = node;
  const attributes = {
    id: String(node.id),
    name,
    role,
    model,
    serial,
    address,
    adSt: 'on',
    fabricSt: role === 'controller' ? 'unknown' : 'active',
    lastStateModTs: plan.startedAt,
    vendor: 'Cisco Systems, Inc',
    version: role === 'controller' ? '' : node.version,
  };
  const cluster = role === 'controller' ? [applianceVector(plan)] : [];
  return managedObject('fabricNode', attributes, [system(node, plan), ...cluster]);
}

function system(node: PlannedNode, plan: FabricPlan): ManagedObject {
  const { id, role, name, serial, address, version } = node;
  const attributes = {
    id: String(id),
    name,
    role,
    serial,
    address,
    version,
    podId: '1',
    fabricDomain: 'acigw-mock',
    fabricId: '1',
    fabricMAC: '00:22:BD:F8:19:FF',
    etepAddr: '0.0.0.0',
    inbMgmtAddr: '0.0.0.0',
    inbMgmtAddrMask: '0',
    inbMgmtGateway: '0.0.0.0',
    inbMgmtAddr6: 'fc00::1',
    inbMgmtAddr6Mask: '0',
    inbMgmtGateway6: '::',
    oobMgmtAddr: `192.168.10.${id}`,
    oobMgmtAddrMask: '24',
    oobMgmtGateway: '192.168.10.254',
    oobMgmtAddr6: '::',
    oobMgmtAddr6Mask: '0',
    oobMgmtGateway6: '::',
    controlPlaneMTU: '9000',
    state: 'in-service',
    tepPool: role === 'controller' ? plan.tepPool : '0.0.0.0',
    currentTime: plan.startedAt,
    lastRebootTime: plan.startedAt,
    lastResetReason: 'unknown',
    systemUpTime: '00:00:00:00.000',
    mode: role === 'controller' ? 'cluster' : 'unspecified',
    siteId: '0',
    remoteNetworkId: '0',
    rlOperPodId: '0',
  };
  return managedObject('topSystem', attributes, [firmware(node, plan), ...equipmentOf(node), ...portsOf(node, plan)]);
}

function firmware({ role, version }: PlannedNode, { startedAt }: FabricPlan): ManagedObject {
  const running = { version, ts: startedAt };
  return role === 'controller'
    ? managedObject('firmwareCtrlrFwStatusCont', {}, [managedObject('firmwareCtrlrRunning', running)])
    : managedObject('firmwareFwStatusCont', {}, [managedObject('firmwareRunning', { ...running, peVer: version })]);
}

/** How a controller sees its cluster: each of them sees all. */
const applianceVector = ({ nodes, startedAt }: FabricPlan): ManagedObject =>
  managedObject(
    'infraCont',
    {},
    nodes
      .filter(({ role }) => role === 'controller')
      .map(({ id, name, address, serial }) =>
        managedObject('infraWiNode', {
          id: String(id),
          addr: address,
          nodeName: name,
          chassis: serial,
          mbSn: serial,
          podId: '1',
          health: 'fully-fit',
          adminSt: 'in-service',
          operSt: 'available',
          cntrlSbstState: 'approved',
          mutnTs: startedAt,
        }),
      ),
  );

/** Paths of a leaf's ports: what a static binding points at. */
const paths = (node: PlannedNode): ManagedObject =>
  managedObject(
    'fabricPathEpCont',
    { nodeId: String(node.id) },
    hostPortNames().map((name) => managedObject('fabricPathEp', { name, pathT: 'leaf' })),
  );

/** Leaves that stand side by side, 101-102, 103-104: the room of what is wired to both. */
function pairs(leaves: readonly PlannedNode[]): readonly (readonly [PlannedNode, PlannedNode])[] {
  return leaves.flatMap((node, index) => {
    const next = leaves[index + 1];
    return index % 2 === 0 && next !== undefined ? [[node, next] as const] : [];
  });
}
