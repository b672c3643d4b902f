import { computeChecksums, makeNamespace, type NetworkNamespace, plugCable } from './network-namespace.js';
import { startPrivateSwitch } from './private-switch.js';

/** Where the leaf has learned an endpoint: on which VLAN, with which MAC. */
export interface LeafEndpoint {
  readonly address: string;
  readonly mac: string;
  readonly vlan: number;
}

/**
 * A switch that plays the leaf: it routes between the node's VLANs and a peer, and permits everything, so that what is
 * dropped was dropped by the node. Its flows share nothing with ours.
 */
export interface LeafSwitch {
  readonly namespace: NetworkNamespace;
  readonly peer: NetworkNamespace;
  /** Starts the switch once the cable to the node is in `down0`. */
  start(): Promise<void>;
  /** What it knows of the node's pods, instead of what it knew. */
  learn(endpoints: readonly LeafEndpoint[]): Promise<void>;
  /** Sends an ARP request for the address on a VLAN, as a leaf does that looks for a silent endpoint. */
  ask(address: string, vlan: number): Promise<void>;
  stop(): Promise<void>;
}

const BRIDGE = 'br-leaf';
const TRUNK = 1;
const TO_PEER = 2;
const PEER_MAC = '02:00:00:00:30:01';
const NEXT_HOP = '169.254.1.1';

/** Makes the leaf's namespaces and the peer behind it. */
export async function startLeaf(peerAddress: string, gatewayMac: string): Promise<LeafSwitch> {
  const namespace = await makeNamespace('leaf');
  const peer = await makeNamespace('peer');
  const inside = { namespace: peer, device: 'eth0' };
  await plugCable({ namespace, device: 'peer0' }, inside);
  await peer.exec('ip', 'link', 'set', 'eth0', 'address', PEER_MAC);
  await peer.exec('ip', 'address', 'add', `${peerAddress}/32`, 'dev', 'eth0');
  await peer.exec('ip', 'neighbour', 'add', NEXT_HOP, 'lladdr', gatewayMac, 'nud', 'permanent', 'dev', 'eth0');
  await peer.exec('ip', 'route', 'add', NEXT_HOP, 'dev', 'eth0', 'scope', 'link');
  await peer.exec('ip', 'route', 'add', 'default', 'via', NEXT_HOP, 'dev', 'eth0');
  await computeChecksums(inside);
  const ovs = await startPrivateSwitch({ namespace: namespace.name });

  const learn = async (endpoints: readonly LeafEndpoint[]): Promise<void> => {
    await ovs.ofctl(BRIDGE, 'del-flows');
    const up = [`set_field:${gatewayMac}->eth_src`, `set_field:${PEER_MAC}->eth_dst`, `output:${TO_PEER}`];
    await ovs.ofctl(
      BRIDGE,
      'add-flow',
      `in_port=${TRUNK},ip,nw_dst=${peerAddress},vlan_tci=0x1000/0x1000,actions=pop_vlan,${up.join(',')}`,
    );
    for (const { address, mac, vlan } of endpoints) {
      const down = [
        `set_field:${gatewayMac}->eth_src`,
        `set_field:${mac}->eth_dst`,
        'push_vlan:0x8100',
        `set_field:${vlan + 0x1000}->vlan_vid`,
        `output:${TRUNK}`,
      ];
      await ovs.ofctl(BRIDGE, 'add-flow', `in_port=${TO_PEER},ip,nw_dst=${address},actions=${down.join(',')}`);
    }
  };

  return {
    namespace,
    peer,
    learn,
    async start() {
      const port = (name: string, number: number): readonly string[] =>
        `-- add-port ${BRIDGE} ${name} -- set interface ${name} ofport_request=${number}`.split(' ');
      const settings = ['datapath_type=netdev', 'fail_mode=secure', 'protocols=OpenFlow15'];
      const bridge = ['add-br', BRIDGE, '--', 'set', 'bridge', BRIDGE, ...settings];
      await ovs.vsctl(...bridge, ...port('down0', TRUNK), ...port('peer0', TO_PEER));
      await learn([]);
    },
    async ask(address, vlan) {
      const hex = (mac: string): string => mac.replaceAll(':', '');
      const target = Buffer.from(address.split('.').map(Number)).toString('hex');
      const tag = `8100${vlan.toString(16).padStart(4, '0')}`;
      const body = `0001080006040001${hex(gatewayMac)}0a400001${'0'.repeat(12)}${target}`;
      const frame = `${'f'.repeat(12)}${hex(gatewayMac)}${tag}0806${body}`;
      await ovs.ofctl(BRIDGE, 'packet-out', `in_port=CONTROLLER,packet=${frame},actions=output:${TRUNK}`);
    },
    async stop() {
      await ovs.stop();
      await peer.remove();
      await namespace.remove();
    },
  };
}
