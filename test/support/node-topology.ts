import { MAC_KEY, type OpenVswitchOptions, openVswitchBridge, POD_KEY } from '#ovs';
import { type Capture, startCapture, TCPDUMP } from './capture.js';
import { type LeafSwitch, startLeaf } from './leaf-switch.js';
import { computeChecksums, makeNamespace, NAMESPACES, type NetworkNamespace, plugCable } from './network-namespace.js';
import { PodProcess } from './pod-process.js';
import { OPEN_VSWITCH, type PrivateSwitch, startPrivateSwitch } from './private-switch.js';
import type { Requirement } from './requirement.js';

/** What a node in namespaces needs from the machine. */
export const NODE_TOPOLOGY: readonly Requirement[] = [...NAMESPACES, ...OPEN_VSWITCH, TCPDUMP];

/** Addresses of the fabric that the node is plugged into. */
export interface TopologyOptions {
  readonly gateway: { readonly address: string; readonly mac: string };
  /** Address of the node itself. */
  readonly nodeAddress: string;
  /** Prefix that the node routes to its bridge. */
  readonly podPrefix: string;
  /** Address of the peer behind the leaf: a VM, or a host on the Internet. */
  readonly peerAddress: string;
}

/** A pod that was plugged in, and the program inside. */
export interface TopologyPod {
  readonly key: string;
  readonly address: string;
  readonly mac: string;
  readonly process: PodProcess;
}

/**
 * A node as a network namespace with its own Open vSwitch, its pods as further namespaces, and a leaf with a peer behind
 * it. The agent is not part of it: whoever drives the test runs it with {@link bridge}.
 *
 *   pod ── eth0═veth ──┐
 *   pod ── eth0═veth ──┤ br-aci ── up0 ═ trunk ═ down0 ── br-leaf ── veth═eth0 ── peer
 *   node's own stack ──┘          capture here
 */
export interface NodeTopology {
  readonly ovs: PrivateSwitch;
  readonly leaf: LeafSwitch;
  /** Options for the bridge adapter. */
  readonly bridge: OpenVswitchOptions;
  /** Frames on the uplink, seen by the kernel. */
  readonly capture: Capture;
  /** A program in the node's own stack. */
  readonly host: PodProcess;
  readonly peer: PodProcess;
  /** Makes a pod and plugs it in, as a CNI plugin does. */
  addPod(key: string, address: string): Promise<TopologyPod>;
  removePod(key: string): Promise<void>;
  stop(): Promise<void>;
}

const BRIDGE = 'br-aci';
const UPLINK = 'up0';

interface PluggedPod extends TopologyPod {
  readonly namespace: NetworkNamespace;
  readonly device: string;
}

/** Builds the topology; everything that was made is removed again when a step fails. */
export async function startNodeTopology(options: TopologyOptions): Promise<NodeTopology> {
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.reverse()) await step();
    undo.length = 0;
  };
  try {
    return await build(options, undo, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(
  options: TopologyOptions,
  undo: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<NodeTopology> {
  const keep = <T>(thing: T, end: (thing: T) => Promise<unknown>): T => {
    undo.push(() => end(thing));
    return thing;
  };
  const node = keep(await makeNamespace('node'), (each) => each.remove());
  const leaf = keep(await startLeaf(options.peerAddress, options.gateway.mac), (each) => each.stop());
  await plugCable({ namespace: node, device: UPLINK }, { namespace: leaf.namespace, device: 'down0' });
  await leaf.start();
  const ovs = keep(await startPrivateSwitch({ namespace: node.name }), (each) => each.stop());
  const bridge = { bridge: BRIDGE, uplink: UPLINK, database: ovs.database, datapath: 'netdev' } as const;
  await openVswitchBridge(bridge).state();
  await routeHost(node, options);
  const capture = keep(await startCapture(node.name, UPLINK, ovs.directory), (each) => each.stop());
  const host = keep(new PodProcess(node.name), (each) => each.stop());
  const peer = keep(new PodProcess(leaf.peer.name), (each) => each.stop());
  const pods = new Map<string, PluggedPod>();
  undo.push(() => Promise.all([...pods.values()].map((pod) => unplug(ovs, pod))));
  return {
    ovs,
    leaf,
    capture,
    host,
    peer,
    stop,
    bridge,
    async addPod(key, address) {
      const pod = await plugIn({ node, ovs, gateway: options.gateway.address }, key, address);
      pods.set(key, pod);
      return pod;
    },
    async removePod(key) {
      const pod = pods.get(key);
      pods.delete(key);
      if (pod !== undefined) await unplug(ovs, pod);
    },
  };
}

interface Plug {
  readonly node: NetworkNamespace;
  readonly ovs: PrivateSwitch;
  readonly gateway: string;
}

let plugged = 0;

/** A pod has a /32 and the gateway as its only neighbour, so that every packet is routed (policy.md §3.6). */
async function plugIn({ node, ovs, gateway }: Plug, key: string, address: string): Promise<PluggedPod> {
  plugged += 1;
  const device = `v${plugged}`;
  const mac = `02:00:00:00:20:${plugged.toString(16).padStart(2, '0')}`;
  const namespace = await makeNamespace(device);
  const inside = { namespace, device: 'eth0' };
  await plugCable({ namespace: node, device }, inside);
  await namespace.exec('ip', 'link', 'set', 'eth0', 'address', mac);
  await namespace.exec('ip', 'address', 'add', `${address}/32`, 'dev', 'eth0');
  await namespace.exec('ip', 'route', 'add', gateway, 'dev', 'eth0', 'scope', 'link');
  await namespace.exec('ip', 'route', 'add', 'default', 'via', gateway, 'dev', 'eth0');
  await computeChecksums(inside);
  const ids = [`external_ids:${POD_KEY}="${key}"`, `external_ids:${MAC_KEY}="${mac}"`];
  await ovs.vsctl('add-port', BRIDGE, device, '--', 'set', 'interface', device, ...ids);
  return { key, address, mac, device, namespace, process: new PodProcess(namespace.name) };
}

async function unplug(ovs: PrivateSwitch, { process: program, namespace, device }: PluggedPod): Promise<void> {
  await program.stop();
  await ovs.vsctl('--if-exists', 'del-port', BRIDGE, device);
  await namespace.remove();
}

/** The node reaches its pods through the bridge's own port, which is there once the bridge is. */
async function routeHost(node: NetworkNamespace, { nodeAddress, podPrefix }: TopologyOptions): Promise<void> {
  await node.exec('ip', 'address', 'add', `${nodeAddress}/32`, 'dev', BRIDGE);
  await node.exec('ip', 'link', 'set', BRIDGE, 'up');
  await node.exec('ip', 'route', 'add', podPrefix, 'dev', BRIDGE, 'src', nodeAddress);
  await computeChecksums({ namespace: node, device: BRIDGE });
}
