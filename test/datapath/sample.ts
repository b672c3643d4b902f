import type { BridgeState, NodeConnections, NodePolicy } from '#model/node';

/** MAC of a pod's interface on the port. */
export const macOf = (port: number): string => `02:00:00:00:10:${port.toString(16).padStart(2, '0')}`;

export const GATEWAY_MAC = '02:00:00:00:00:fe';
export const UPLINK = 1;
export const PORTS = [11, 12, 13, 14] as const;

const tcp = (from: number, to: number): NodeConnections => ({ tcp: [[from, to]], udp: [], sctp: [] });
const ALL_BUT_LOW_TCP: NodeConnections = {
  tcp: [[1024, 65_535]],
  udp: [[1, 65_535]],
  sctp: [[1, 65_535]],
  other: true,
};
const both = (ipv4: NodeConnections, ipv6 = ipv4) => ({ ipv4, ipv6 });
const HIGH_PORTS = { pods: both(ALL_BUT_LOW_TCP), outside: both(ALL_BUT_LOW_TCP) };

/**
 * A node with three pods of `web`, `db` and `batch` (no VLAN left), a stray one that no policy knows, a second node's
 * pods, and the world. What they grant everyone: web opens 9100-9103 toward pods, db accepts 9100-9101 from pods and 9443
 * from outside, batch everything both ways, `cache` on the other node sends and accepts all protocols but low TCP ports.
 * Exceptions: web may reach db on 5432 only and itself on 8080-8089; db may send everything to the lan; the world may reach
 * web on 443 and db not at all; batch may open everything toward db, and db all but low TCP ports toward cache.
 *
 *   11 web  10.64.0.11   12 db  10.64.0.12   13 batch  10.64.0.13   14 unknown
 */
export const POLICY: NodePolicy = {
  schema: 3,
  node: 'n1',
  revision: 'r1',
  gateway: { addresses: ['10.64.0.1'], mac: GATEWAY_MAC },
  nodeAddresses: ['192.0.2.10'],
  groups: [
    {
      name: 'web',
      kind: 'pods',
      egress: { pods: both(tcp(9100, 9103)), outside: both('nothing', 'everything') },
      ingress: 'nothing',
    },
    {
      name: 'db',
      kind: 'pods',
      egress: 'nothing',
      ingress: { pods: both(tcp(9100, 9101)), outside: both(tcp(9443, 9443)) },
    },
    { name: 'batch', kind: 'pods', egress: 'everything', ingress: 'everything' },
    { name: 'cache', kind: 'pods', egress: HIGH_PORTS, ingress: HIGH_PORTS },
    { name: 'lan', kind: 'external' },
    { name: 'world', kind: 'external' },
  ],
  addresses: [
    { prefix: '10.64.0.11/32', group: 'web' },
    { prefix: '10.64.0.12/32', group: 'db' },
    { prefix: '10.64.0.13/32', group: 'batch' },
    { prefix: '10.64.0.21/32', group: 'web' },
    { prefix: '10.64.0.22/32', group: 'db' },
    { prefix: '10.64.0.31/32', group: 'cache' },
    { prefix: '10.0.0.0/8', group: 'lan' },
    { prefix: '0.0.0.0/0', group: 'world' },
    { prefix: 'fd00::/8', group: 'lan' },
  ],
  endpoints: [
    { pod: 'shop/web-1', ips: ['10.64.0.11', 'fd00::11'], group: 'web', vlan: 101 },
    { pod: 'shop/db-1', ips: ['10.64.0.12'], group: 'db', vlan: 102 },
    { pod: 'shop/batch-1', ips: ['10.64.0.13'], group: 'batch' },
    { pod: 'shop/later-1', ips: ['10.64.0.15'], group: 'web', vlan: 101 },
  ],
  permits: [
    { source: 'web', destination: 'db', families: [4, 6], connections: tcp(5432, 5432) },
    { source: 'web', destination: 'web', families: [4, 6], connections: tcp(8080, 8089) },
    { source: 'db', destination: 'lan', families: [4], connections: 'everything' },
    { source: 'world', destination: 'web', families: [4], connections: tcp(443, 443) },
    { source: 'web', destination: 'world', families: [6], connections: 'everything' },
    { source: 'batch', destination: 'db', families: [4], connections: 'everything' },
    { source: 'world', destination: 'db', families: [4], connections: 'nothing' },
    { source: 'db', destination: 'cache', families: [4], connections: ALL_BUT_LOW_TCP },
  ],
};

/** The bridge that the pods of {@link POLICY} are plugged into. */
export const BRIDGE: BridgeState = {
  uplink: UPLINK,
  hostMac: '02:00:00:00:00:0a',
  endpoints: [
    { pod: 'shop/web-1', port: 11, mac: macOf(11) },
    { pod: 'shop/db-1', port: 12, mac: macOf(12) },
    { pod: 'shop/batch-1', port: 13, mac: macOf(13) },
    { pod: 'shop/stray', port: 14, mac: macOf(14) },
  ],
};
