import { CLIENT_PORT, type FabricEvaluator, type Packet, replyPacket } from '#fabric';
import { parseAddress } from '#model/net';
import { type FlowQuestion, specificationAllows } from '#policy';
import type { FabricPicture } from '../../src/cli/picture/fabric-picture.js';
import { CRITICAL_PORTS, type GeneratedCluster, PROTOCOL_NAMES } from './cluster-arbitrary.js';

// The proof without any thought of speed: every pair of endpoints, every port, both sides asked each time. What is left out
// is an excess that policy.md §3.11 explains.

type Endpoint = GeneratedCluster['endpoints'][number];

/** One flow, from one port to another. */
export interface PlainFlow extends FlowQuestion {
  readonly sourcePort: number;
}

const NUMBERS = { TCP: 6, UDP: 17, SCTP: 132 } as const;
const SOURCE_PORTS = [CLIENT_PORT, 1, 53, 80, 8001];

/** Whether any flow between the cluster's endpoints is treated otherwise than the policies say, for no known reason. */
export function plainlyDiffers(cluster: GeneratedCluster, picture: FabricPicture): boolean {
  const { state, endpoints } = cluster;
  return pairs(endpoints).some(({ ends, classes }) =>
    PROTOCOL_NAMES.some((protocol) =>
      CRITICAL_PORTS.some((port) =>
        SOURCE_PORTS.some((sourcePort) =>
          isUnexplained({ state, evaluator: picture.evaluator }, classes(picture), {
            ...ends,
            protocol,
            port,
            sourcePort,
          }),
        ),
      ),
    ),
  );
}

/** What the two sides are asked with. */
export interface Sides {
  readonly state: GeneratedCluster['state'];
  readonly evaluator: FabricEvaluator;
}

/** Whether the two sides differ on the flow, and nothing explains it. */
export function isUnexplained(
  { state, evaluator }: Sides,
  [from, to]: readonly [string | undefined, string | undefined],
  flow: PlainFlow,
): boolean {
  const expected = specificationAllows(state, flow);
  const opening: Packet = {
    family: flow.sourceIp.includes(':') ? 6 : 4,
    protocol: NUMBERS[flow.protocol],
    sourcePort: flow.sourcePort,
    destinationPort: flow.port,
    ...(flow.protocol === 'TCP' ? { tcpFlags: new Set(['syn'] as const) } : {}),
  };
  const passes = (a: string | undefined, b: string | undefined, packet: Packet): boolean =>
    a !== undefined && b !== undefined && evaluator.verdict(a, b, packet).permitted;
  const opens = passes(from, to, opening);
  if (expected && !opens) return true;
  if (expected) return !(['accept', 'reset'] as const).every((kind) => passes(to, from, replyPacket(opening, kind)));
  return opens && !isExplained(state, flow);
}

/** UDP from a port that the destination may open (UDP_REVERSE); SCTP where any of it is allowed (SCTP_PORTS). */
function isExplained(state: Sides['state'], flow: PlainFlow): boolean {
  const { source, sourceIp, destination, destinationIp, sourcePort } = flow;
  const turned = { source: destination, sourceIp: destinationIp, destination: source, destinationIp: sourceIp };
  const back = { ...flow, ...turned };
  if (flow.protocol === 'UDP') return specificationAllows(state, { ...back, port: sourcePort });
  const any = (ends: PlainFlow): boolean =>
    [...CRITICAL_PORTS].some((port) => specificationAllows(state, { ...ends, port }));
  return flow.protocol === 'SCTP' && (any(flow) || any(back));
}

type Ends = Pick<PlainFlow, 'source' | 'sourceIp' | 'destination' | 'destinationIp'>;

interface Pair {
  readonly ends: Ends;
  readonly classes: (picture: FabricPicture) => readonly [string | undefined, string | undefined];
}

/** Pairs of endpoints, one of them a pod, in each family that both have. */
function pairs(endpoints: readonly Endpoint[]): readonly Pair[] {
  return endpoints.flatMap((a) =>
    endpoints.flatMap((b) => {
      if (a === b || (a.endpoint.namespace ?? b.endpoint.namespace) === undefined) return [];
      return a.ips.flatMap((sourceIp) =>
        b.ips
          .filter((ip) => ip.includes(':') === sourceIp.includes(':'))
          .map(
            (destinationIp): Pair => ({
              ends: { source: a.endpoint, sourceIp, destination: b.endpoint, destinationIp },
              classes: (picture) => [classOf(picture, a, sourceIp), classOf(picture, b, destinationIp)],
            }),
          ),
      );
    }),
  );
}

const classOf = (picture: FabricPicture, { key, endpoint }: Endpoint, ip: string): string | undefined =>
  picture.classOf({ pod: endpoint.namespace === undefined ? undefined : key, address: parseAddress(ip) });
