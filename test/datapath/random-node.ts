import * as fc from 'fast-check';
import type { BridgeState, NodeConnections, NodeOpenness, NodePolicy } from '#model/node';
import type { Probe } from './naive-verdict.js';
import { GATEWAY_MAC, macOf, PORTS } from './sample.js';

const POD_GROUPS = ['a', 'b', 'c'] as const;
const OTHER_GROUPS = ['x', 'y'] as const;
/** `lost` is in no list of groups: its addresses are closed but for permits. */
const GROUPS = [...POD_GROUPS, ...OTHER_GROUPS, 'lost'];
const localAddress = (port: number): string => `10.64.0.${port}`;
const ADDRESSES = [
  ...PORTS.map(localAddress),
  '10.64.0.1',
  '10.64.0.99',
  '10.64.1.1',
  '10.70.0.1',
  '192.0.2.10',
  '198.51.100.7',
  '224.0.0.5',
];
const PREFIXES = [
  '10.64.0.99/32',
  '10.64.1.0/24',
  '10.64.0.0/16',
  '10.0.0.0/8',
  '10.0.0.0/7',
  '0.0.0.0/1',
  '0.0.0.0/0',
];
const PROBED_PORTS = [1, 79, 80, 81, 443, 1024, 32_767, 32_768, 65_534, 65_535];

const port = fc.constantFrom(...PROBED_PORTS);
const range = fc.tuple(port, port).map(([a, b]): readonly [number, number] => [Math.min(a, b), Math.max(a, b)]);
const ports = fc.array(range, { maxLength: 2 });
const connections: fc.Arbitrary<NodeConnections> = fc.oneof(
  fc.constantFrom('everything' as const, 'nothing' as const),
  fc.record({ tcp: ports, udp: ports, sctp: ports }),
  fc.record({ tcp: ports, udp: ports, sctp: ports, other: fc.constant(true as const) }),
);
const byFamily = fc.record({ ipv4: connections, ipv6: connections });
const openness: fc.Arbitrary<NodeOpenness> = fc.oneof(
  fc.constantFrom('everything' as const, 'nothing' as const),
  fc.record({ pods: byFamily, outside: byFamily }),
  byFamily.map((all) => ({ pods: all, outside: all })),
);
const permit = fc.record({
  source: fc.constantFrom(...GROUPS),
  destination: fc.constantFrom(...GROUPS),
  families: fc.constantFrom<readonly (4 | 6)[]>([4], [4, 6], [6]),
  connections,
});

const anyGroups = fc.record({
  vlans: fc.tuple(...POD_GROUPS.map(() => fc.boolean())),
  open: fc.tuple(...POD_GROUPS.map(() => fc.record({ egress: openness, ingress: openness }))),
});

/** A node of four ports where pods may be unknown to the policy or not plugged in, and groups may lack a VLAN. */
export const anyNode: fc.Arbitrary<readonly [NodePolicy, BridgeState]> = fc
  .record({
    groups: anyGroups,
    memberships: fc.tuple(...PORTS.map(() => fc.option(fc.constantFrom(...POD_GROUPS)))),
    plugged: fc.tuple(...PORTS.map(() => fc.boolean())),
    uplink: fc.boolean(),
    addresses: fc.uniqueArray(fc.record({ prefix: fc.constantFrom(...PREFIXES), group: fc.constantFrom(...GROUPS) }), {
      selector: ({ prefix }) => prefix,
    }),
    permits: fc.array(permit, { maxLength: 8 }),
  })
  .map(({ groups: { vlans, open }, memberships, plugged, uplink, addresses, permits }) => [
    {
      schema: 3,
      node: 'n1',
      revision: 'r',
      gateway: { addresses: ['10.64.0.1'], mac: GATEWAY_MAC },
      nodeAddresses: ['192.0.2.10'],
      groups: [
        ...POD_GROUPS.map((name, index) => ({
          name,
          kind: 'pods' as const,
          egress: open[index]?.egress ?? 'nothing',
          ingress: open[index]?.ingress ?? 'nothing',
        })),
        ...OTHER_GROUPS.map((name) => ({ name, kind: 'external' as const })),
      ],
      addresses,
      endpoints: PORTS.flatMap((number, index) => {
        const group = memberships[index];
        if (group === null || group === undefined) return [];
        const place = POD_GROUPS.indexOf(group);
        const vlan = vlans[place] === true ? { vlan: 101 + place } : {};
        return [{ pod: `ns/p${number}`, ips: [localAddress(number)], group, ...vlan }];
      }),
      permits,
    },
    {
      uplink: uplink ? 1 : undefined,
      hostMac: '02:00:00:00:00:0a',
      endpoints: PORTS.filter((_, index) => plugged[index] === true).map((number) => ({
        pod: `ns/p${number}`,
        port: number,
        mac: macOf(number),
      })),
    },
  ]);

const fromPod = fc.constantFrom(...PORTS).map((number) => ({ port: number, mac: macOf(number) }));
const fromFabric = fc.constantFrom(0, 101, 102, 103).map((vlan) => ({ vlan }));
const protocol = fc.constantFrom('tcp' as const, 'udp' as const, 'sctp' as const, 'icmp' as const, 'gre' as const);

/** A packet of a new connection, mostly honest about its source when it comes from a pod. */
export const anyProbe: fc.Arbitrary<Probe> = fc.oneof(
  fc
    .record({ from: fromPod, destination: fc.constantFrom(...ADDRESSES), protocol, port })
    .map((probe) => ({ ...probe, source: localAddress(probe.from.port) })),
  fc.record({
    from: fc.oneof(fromPod, fromFabric),
    source: fc.constantFrom(...ADDRESSES),
    destination: fc.constantFrom(...ADDRESSES),
    protocol,
    port,
  }),
  fc.record({
    from: fromFabric,
    source: fc.constantFrom(...ADDRESSES),
    destination: fc.constantFrom(...PORTS.map(localAddress)),
    protocol,
    port,
  }),
);
