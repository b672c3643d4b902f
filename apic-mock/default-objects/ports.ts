import { type ManagedObject, managedObject } from '#model/aci';
import type { FabricPlan, PlannedNode } from './fabric-plan.js';

/** Ports of a leaf toward hosts. */
const HOST_PORTS = 48;

const portName = (number: number): string => `eth1/${number}`;

const hostPorts: readonly string[] = Array.from({ length: HOST_PORTS }, (_, index) => portName(index + 1));

/** Names of a leaf's ports toward hosts: eth1/1 to eth1/48. */
export const hostPortNames = (): readonly string[] => hostPorts;

/** A port of one node that is wired to a port of another. */
export interface Uplink {
  readonly port: string;
  readonly peer: PlannedNode;
  readonly peerPort: string;
}

/** Every leaf is wired to every spine: leaf n's port 49 + m to spine m's port n. A controller has none here. */
export function uplinksOf(node: PlannedNode, { nodes }: FabricPlan): readonly Uplink[] {
  if (node.role === 'controller') return [];
  const leaves = nodes.filter(({ role }) => role === 'leaf');
  const spines = nodes.filter(({ role }) => role === 'spine');
  const leafPort = (spine: number): string => portName(HOST_PORTS + 1 + spine);
  const spinePort = (leaf: number): string => portName(leaf + 1);
  if (node.role === 'leaf') {
    const own = leaves.indexOf(node);
    return spines.map((peer, index) => ({ port: leafPort(index), peer, peerPort: spinePort(own) }));
  }
  const own = spines.indexOf(node);
  return leaves.map((peer, index) => ({ port: spinePort(index), peer, peerPort: leafPort(own) }));
}

/** The ports of a switch, all up, and the neighbours that it sees on those into the fabric (`lldpAdjEp`). */
export function portsOf(node: PlannedNode, plan: FabricPlan): readonly ManagedObject[] {
  if (node.role === 'controller') return [];
  const uplinks = uplinksOf(node, plan);
  return [
    ...(node.role === 'leaf' ? hostPorts : []).map((id) => port(id, { portT: 'leaf', usage: 'discovery' }, '10G')),
    ...uplinks.map(({ port: id }) => port(id, { portT: 'fab', usage: 'fabric', layer: 'Layer3' }, '100G')),
    managedObject('lldpEntity', {}, [managedObject('lldpInst', {}, uplinks.map(neighbour))]),
  ];
}

const port = (id: string, attributes: Readonly<Record<string, string>>, operSpeed: string): ManagedObject =>
  managedObject(
    'l1PhysIf',
    { id, layer: 'Layer2', mode: 'trunk', mtu: '9000', switchingSt: 'enabled', ...attributes },
    [managedObject('ethpmPhysIf', { operSt: 'up', operStQual: 'none', operSpeed, operDuplex: 'full' })],
  );

const neighbour = ({ port: id, peer, peerPort }: Uplink): ManagedObject =>
  managedObject('lldpIf', { id, adminRxSt: 'enabled', adminTxSt: 'enabled', operRxSt: 'up', operTxSt: 'up' }, [
    managedObject('lldpAdjEp', {
      id: '1',
      sysName: peer.name,
      sysDesc: `topology/pod-1/node-${peer.id}`,
      portIdT: 'if-name',
      portIdV: `Eth${peerPort.slice('eth'.length)}`,
      portDesc: `topology/pod-1/paths-${peer.id}/pathep-[${peerPort}]`,
    }),
  ]);
