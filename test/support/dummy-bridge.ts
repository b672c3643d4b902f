import { run } from './command.js';
import { type PrivateSwitch, startPrivateSwitch } from './private-switch.js';
import { findProgram } from './requirement.js';

/** A bridge of simulated ports in a switch without privileges: flows, conntrack and output are the real thing. */
export interface DummyBridge {
  readonly ovs: PrivateSwitch;
  readonly name: string;
  /** MAC of the LOCAL port. */
  readonly hostMac: string;
  /** Loads the flows, replacing what is there, in one bundle. */
  load(flows: readonly string[]): Promise<void>;
  /** Puts a packet (an ODP flow, or a frame in hex) into a port. */
  receive(port: number, packet: string): Promise<void>;
  /** Name of the simulated interface of an OpenFlow port. */
  portName(port: number): string;
  stop(): Promise<void>;
}

const BRIDGE = 'br0';

/** Starts a bridge with the OpenFlow ports; every frame that leaves port N is written to `N.pcap` in the folder. */
export async function startDummyBridge(ports: readonly number[]): Promise<DummyBridge> {
  const ovs = await startPrivateSwitch({ dummy: true });
  const portName = (port: number): string => `p${port}`;
  const settings = ['datapath_type=dummy', 'fail_mode=secure', 'protocols=OpenFlow10,OpenFlow15'];
  await ovs.vsctl('add-br', BRIDGE, '--', 'set', 'bridge', BRIDGE, ...settings);
  for (const port of ports) {
    const file = `options:tx_pcap=${ovs.directory}/${port}.pcap`;
    const spec = ['type=dummy', `ofport_request=${port}`, file];
    await ovs.vsctl('add-port', BRIDGE, portName(port), '--', 'set', 'interface', portName(port), ...spec);
  }
  const mac = await ovs.vsctl('get', 'interface', BRIDGE, 'mac_in_use');
  return {
    ovs,
    name: BRIDGE,
    hostMac: mac.trim().replaceAll('"', ''),
    portName,
    async load(flows) {
      const target = `unix:${ovs.directory}/${BRIDGE}.mgmt`;
      const args = ['-O', 'OpenFlow15', '--bundle', 'replace-flows', target, '-'];
      await run(findProgram('ovs-ofctl') ?? 'ovs-ofctl', args, { input: `${flows.join('\n')}\n` });
      // Cached verdicts are looked at again in the background: what a test sends next is to meet the new flows.
      await ovs.control('revalidator/wait');
    },
    async receive(port, packet) {
      await ovs.control('netdev-dummy/receive', portName(port), packet);
    },
    stop: () => ovs.stop(),
  };
}
