import { swap } from './arp.js';
import type { Flow } from './flow.js';
import { ORIGIN, REGISTER, registerIs } from './registers.js';
import { goTo, PRIORITY, TABLE } from './tables.js';
import type { DatapathView, LocalPod } from './view.js';

/** Multicast, reserved and broadcast addresses: NetworkPolicy does not speak of them and nothing is flooded. */
const NOT_UNICAST = '224.0.0.0/3';

/** Flows for what no policy decides. They come before connection tracking: both directions are always allowed. */
export const alwaysFlows = (view: DatapathView): readonly Flow[] => [
  ...view.gateway.addresses.map(gatewayEcho),
  ...view.pods.flatMap((pod) => pod.addresses.map((address) => ownAddress(pod, address, view.gateway.mac))),
  ...ownNode(view),
  flow(PRIORITY.exact, [fromPod, 'ip', `nw_dst=${NOT_UNICAST}`], []),
  flow(PRIORITY.otherwise, [fromPod, 'ip'], [goTo(TABLE.destination)]),
];

const fromPod = registerIs(REGISTER.origin, ORIGIN.pod);

const flow = (priority: number, match: readonly string[], actions: readonly string[]): Flow => ({
  table: TABLE.always,
  priority,
  match,
  actions,
});

/** The gateway answers a pod's ping here (RFC 792 echo), also while the fabric is away. */
const gatewayEcho = (address: string): Flow =>
  flow(
    PRIORITY.guard,
    ['icmp', fromPod, 'icmp_type=8', 'icmp_code=0', `nw_dst=${address}`],
    [
      ...swap('NXM_OF_ETH_SRC[]', 'NXM_OF_ETH_DST[]'),
      ...swap('NXM_OF_IP_SRC[]', 'NXM_OF_IP_DST[]'),
      'set_field:0->icmp_type',
      'set_field:64->nw_ttl',
      'IN_PORT',
    ],
  );

/** A pod reaches its own address (policy.md N23). */
const ownAddress = ({ port, mac }: LocalPod, address: string, gatewayMac: string): Flow => ({
  ...flow(
    PRIORITY.guard,
    ['ip', fromPod, `in_port=${port}`, `nw_dst=${address}`],
    [`set_field:${gatewayMac}->eth_src`, `set_field:${mac}->eth_dst`, 'IN_PORT'],
  ),
  about: port,
});

/** A pod and its own node reach each other (policy.md N22), e.g. for the kubelet's probes. */
function ownNode({ host, pods, gateway }: DatapathView): readonly Flow[] {
  if (host === undefined) return [];
  const fromNode = registerIs(REGISTER.origin, ORIGIN.node);
  const toNode = host.addresses.map((address) =>
    flow(
      PRIORITY.guard,
      ['ip', fromPod, `nw_dst=${address}`],
      [`set_field:${gateway.mac}->eth_src`, `set_field:${host.mac}->eth_dst`, 'output:LOCAL'],
    ),
  );
  const toPods = pods.flatMap(({ port, mac, addresses }) =>
    addresses.map((address) => ({
      ...flow(
        PRIORITY.guard,
        ['ip', fromNode, `nw_dst=${address}`],
        [`set_field:${gateway.mac}->eth_src`, `set_field:${mac}->eth_dst`, `output:${port}`],
      ),
      about: port,
    })),
  );
  return [...toNode, ...toPods];
}
