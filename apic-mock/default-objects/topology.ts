import { type ManagedObject, managedObject } from '#model/aci';

/** What the topology says of time and version. */
export interface TopologyFacts {
  readonly version: string;
  /** An APIC's date, before which all nodes were started. */
  readonly startedAt: string;
}

interface Node {
  readonly id: number;
  readonly role: 'controller' | 'leaf' | 'spine';
  readonly model: string;
}

const NODES: readonly Node[] = [
  { id: 1, role: 'controller', model: 'APIC-SERVER-M3' },
  { id: 101, role: 'leaf', model: 'N9K-C93180YC-FX' },
  { id: 102, role: 'leaf', model: 'N9K-C93180YC-FX' },
  { id: 201, role: 'spine', model: 'N9K-C9332C' },
];

const PORTS_PER_LEAF = 48;

const nameOf = (node: Node): string => (node.role === 'controller' ? `apic${node.id}` : `${node.role}-${node.id}`);

const addressOf = (node: Node): string => (node.role === 'controller' ? `10.0.0.${node.id}` : `10.0.64.${node.id}`);

const serialOf = (node: Node): string => `MOCK${String(node.id).padStart(7, '0')}`;

const portNames = Array.from({ length: PORTS_PER_LEAF }, (_, index) => `eth1/${index + 1}`);

/** A switch runs the same release as its controllers under a number of its own: 6.0(9c) → n9000-16.0(9c). */
const versionOf = (node: Node, version: string): string => (node.role === 'controller' ? version : `n9000-1${version}`);

function fabricNode(node: Node, facts: TopologyFacts): ManagedObject {
  const attributes = {
    id: String(node.id),
    name: nameOf(node),
    role: node.role,
    model: node.model,
    serial: serialOf(node),
    address: addressOf(node),
    adSt: 'on',
    fabricSt: node.role === 'controller' ? 'unknown' : 'active',
    lastStateModTs: facts.startedAt,
    vendor: 'Cisco Systems, Inc',
    version: node.role === 'controller' ? '' : versionOf(node, facts.version),
  };
  const cluster = node.role === 'controller' ? [applianceVector(node, facts)] : [];
  return managedObject('fabricNode', attributes, [system(node, facts), ...cluster]);
}

function system(node: Node, facts: TopologyFacts): ManagedObject {
  const attributes = {
    id: String(node.id),
    name: nameOf(node),
    role: node.role,
    serial: serialOf(node),
    address: addressOf(node),
    podId: '1',
    fabricDomain: 'acigw-mock',
    fabricId: '1',
    state: 'in-service',
    tepPool: '10.0.0.0/16',
    oobMgmtAddr: `192.168.10.${node.id}`,
    oobMgmtAddrMask: '24',
    oobMgmtGateway: '192.168.10.254',
    currentTime: facts.startedAt,
    lastRebootTime: facts.startedAt,
    systemUpTime: '00:00:00:00.000',
    version: versionOf(node, facts.version),
  };
  return managedObject('topSystem', attributes, [firmware(node, facts), ...(node.role === 'leaf' ? ports() : [])]);
}

function firmware(node: Node, facts: TopologyFacts): ManagedObject {
  const version = versionOf(node, facts.version);
  return node.role === 'controller'
    ? managedObject('firmwareCtrlrFwStatusCont', {}, [managedObject('firmwareCtrlrRunning', { version })])
    : managedObject('firmwareFwStatusCont', {}, [managedObject('firmwareRunning', { version })]);
}

const ports = (): readonly ManagedObject[] => portNames.map((id) => managedObject('l1PhysIf', { id }));

function applianceVector(node: Node, facts: TopologyFacts): ManagedObject {
  const attributes = {
    id: String(node.id),
    addr: addressOf(node),
    nodeName: nameOf(node),
    health: 'fully-fit',
    adminSt: 'in-service',
    operSt: 'available',
    mutnTs: facts.startedAt,
  };
  return managedObject('infraCont', {}, [managedObject('infraWiNode', attributes)]);
}

/** Paths of a leaf's ports: what a static binding points at. */
const paths = (node: Node): ManagedObject =>
  managedObject(
    'fabricPathEpCont',
    { nodeId: String(node.id) },
    portNames.map((name) => managedObject('fabricPathEp', { name })),
  );

/** `topology`: one pod with one controller, two leaves and a spine, all up. */
export function fabricTopology(facts: TopologyFacts): ManagedObject {
  const leaves = NODES.filter((node) => node.role === 'leaf');
  return managedObject('fabricTopology', {}, [
    managedObject('fabricPod', { id: '1' }, [
      ...NODES.map((node) => fabricNode(node, facts)),
      ...leaves.map((node) => paths(node)),
    ]),
  ]);
}
