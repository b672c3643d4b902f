import type { DummyBridge } from '#support/dummy-bridge';
import type { Probe, Verdict } from './naive-verdict.js';

const PROTOCOL_NUMBER = { icmp: 1, tcp: 6, udp: 17, gre: 47, sctp: 132 } as const;
const FABRIC_MAC = '02:00:00:00:00:fe';

/** Where Open vSwitch itself says that a packet of a new connection comes out (`ofproto/trace`, ovs-vswitchd(8)). */
export async function traceVerdict(bridge: DummyBridge, probe: Probe, uplink: number): Promise<Verdict> {
  const text = await bridge.ovs.control('ofproto/trace', bridge.name, flowOf(probe, uplink), '--ct-next', 'trk,new');
  const last = [...text.matchAll(/^Datapath actions: (.*)$/gm)].at(-1)?.[1];
  if (last === undefined) throw new Error(`ofproto/trace gave no actions: ${text}`);
  return verdictOf(last, await datapathPorts(bridge), uplink);
}

/**
 * The packet as a flow. The trace takes no packet through conntrack, so the connection's original direction, which
 * conntrack would fill in, is given.
 */
function flowOf({ from, source, destination, protocol, port }: Probe, uplink: number): string {
  const number = PROTOCOL_NUMBER[protocol];
  const entry =
    'vlan' in from
      ? [`in_port=${uplink}`, ...(from.vlan === 0 ? [] : [`dl_vlan=${from.vlan}`]), `dl_src=${FABRIC_MAC}`]
      : [`in_port=${from.port}`, `dl_src=${from.mac}`];
  const ports =
    protocol === 'icmp' ? ['icmp_type=8', 'icmp_code=0'] : protocol === 'gre' ? [] : [`${protocol}_dst=${port}`];
  const original = ['ct_state=trk|new', `ct_nw_src=${source}`, `ct_nw_proto=${number}`];
  return [
    ...entry,
    protocol === 'gre' ? 'ip,nw_proto=47' : protocol,
    `nw_src=${source}`,
    `nw_dst=${destination}`,
    'nw_ttl=64',
    ...ports,
    ...original,
    ...(ports.length === 1 ? [`ct_tp_dst=${port}`] : []),
  ].join(',');
}

const knownPorts = new WeakMap<DummyBridge, ReadonlyMap<string, number | 'host'>>();

/** Datapath port number → OpenFlow port, from lines such as `p11 11/3: (dummy)`. */
async function datapathPorts(bridge: DummyBridge): Promise<ReadonlyMap<string, number | 'host'>> {
  const known = knownPorts.get(bridge);
  if (known !== undefined) return known;
  const text = await bridge.ovs.control('dpif/show');
  const ports = new Map(
    [...text.matchAll(/^\s+\S+ (\d+)\/(\d+):/gm)].map(
      ([, ofport, port]) => [port ?? '', Number(ofport) === 65_534 ? 'host' : Number(ofport)] as const,
    ),
  );
  knownPorts.set(bridge, ports);
  return ports;
}

function verdictOf(actions: string, ports: ReadonlyMap<string, number | 'host'>, uplink: number): Verdict {
  const output = /(?:^|,)(\d+)$/.exec(actions)?.[1];
  if (output === undefined) return 'drop';
  const port = ports.get(output);
  if (port === undefined) throw new Error(`unknown datapath port in '${actions}'`);
  if (port === 'host') return 'host';
  if (port !== uplink) return `port ${port}`;
  const vlan = /push_vlan\(vid=(\d+)/.exec(actions)?.[1];
  if (vlan === undefined) throw new Error(`untagged frame out of the uplink: '${actions}'`);
  return `vlan ${Number(vlan)}`;
}
