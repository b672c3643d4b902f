import { decide, type FabricEvaluator, type Packet, replyPacket, type ZoningRule } from '#fabric';
import type { FindingCode } from '#model/policy';
import type { Approximation } from '../picture/approximation.js';
import {
  fabricPorts,
  PROTOCOL_NAMES,
  PROTOCOLS,
  type ProtocolName,
  policyPorts,
  type RulePorts,
} from './critical-ports.js';
import { answersEveryone, excessCode } from './excess.js';
import type { Place, PlaceAddress, PlaceClass } from './places.js';
import type { Specification } from './specification.js';
import { type CounterExample, type Tally, Total } from './tally.js';

/** What policies and fabric are asked with. */
export interface FlowContext {
  readonly specification: Specification;
  readonly evaluator: FabricEvaluator;
  readonly outside: readonly PlaceClass[];
  /** Dns of an admin's EPGs that are cut by address, with the code of the finding (IPBLOCK_SPLITS_EPG, NODE_SPLIT). */
  readonly splitEpgs: ReadonlyMap<string, FindingCode>;
  readonly approximation: Pick<Approximation, 'explains' | 'isApproximate'>;
}

/** Two addresses between which flows are checked. */
export interface Ends {
  readonly source: Place;
  readonly from: PlaceAddress;
  readonly destination: Place;
  readonly to: PlaceAddress;
}

/** Ports of the rules of either end that hold the other: for the flows from source to destination, and those back. */
export interface EndPorts {
  readonly there: readonly RulePorts[];
  readonly back: readonly RulePorts[];
}

/** Compares both sides at every critical point of the flows from one end to the other. */
export function checkFlows(context: FlowContext, ends: Ends, ports: EndPorts): Tally {
  return new FlowCheck(context, ends, ports).result();
}

type FlowPorts = Pick<CounterExample, 'protocol' | 'port' | 'sourcePort'>;

class FlowCheck {
  readonly #context: FlowContext;
  readonly #ends: Ends;
  readonly #ports: EndPorts;
  readonly #forward: readonly ZoningRule[];
  readonly #backward: readonly ZoningRule[];
  readonly #total = new Total();

  constructor(context: FlowContext, ends: Ends, ports: EndPorts) {
    this.#context = context;
    this.#ends = ends;
    this.#ports = ports;
    this.#forward = rulesBetween(context.evaluator, ends.from, ends.to);
    this.#backward = rulesBetween(context.evaluator, ends.to, ends.from);
  }

  result(): Tally {
    for (const protocol of PROTOCOL_NAMES) {
      const { destination, source } = this.#criticalPorts(protocol);
      for (const port of destination) {
        const expected = this.#allows(this.#ends, protocol, port);
        for (const sourcePort of source) this.#point({ protocol, port, sourcePort }, expected);
      }
    }
    return this.#total;
  }

  /** Ports at which the verdict of either side can change, or that of what explains an excess. */
  #criticalPorts(protocol: ProtocolName): {
    readonly destination: readonly number[];
    readonly source: readonly number[];
  } {
    const { source, destination } = this.#ends;
    const fabric = fabricPorts(this.#forward, this.#backward, PROTOCOLS[protocol]);
    const there = policyPorts(this.#ports.there, destination.endpoint, protocol);
    // What looks like an answer comes from a port that the destination may open (policy.md §3.11, UDP_REVERSE).
    const back = protocol === 'UDP' ? policyPorts(this.#ports.back, source.endpoint, protocol) : [];
    return {
      destination: [...new Set([...fabric.destination, ...there])],
      source: [...new Set([...fabric.source, ...back])],
    };
  }

  #point(flow: FlowPorts, expected: boolean): void {
    const opening = openingFrom(flow, this.#ends.from.family);
    const { permitted: opens, rule } = decide(this.#forward, opening);
    if (opens && !expected) {
      const code = this.#explained(flow, rule);
      if (code === undefined) this.#differs(flow, 'opened');
      else this.#total.exceeds(code);
    } else if (!opens && expected) this.#differs(flow, 'denied');
    else if (expected && !answersPass(this.#backward, opening)) this.#differs(flow, 'reply');
    else this.#total.agrees();
  }

  #allows({ source, from, destination, to }: Ends, protocol: ProtocolName, port: number): boolean {
    return this.#context.specification.allows({
      source: source.endpoint,
      sourceIp: from.ip,
      destination: destination.endpoint,
      destinationIp: to.ip,
      protocol,
      port,
    });
  }

  #explained(flow: FlowPorts, rule: ZoningRule | undefined): FindingCode | undefined {
    const { from, to } = this.#ends;
    const back = turned(this.#ends);
    return excessCode({
      ...flow,
      opensBack: (protocol, port) => this.#allows(back, protocol, port),
      sctpAtAll: () => {
        const opens = (ends: Ends, rules: readonly RulePorts[]): boolean =>
          [1, ...policyPorts(rules, ends.destination.endpoint, 'SCTP')].some((port) =>
            this.#allows(ends, 'SCTP', port),
          );
        return opens(this.#ends, this.#ports.there) || opens(back, this.#ports.back);
      },
      answersEveryone: () => answersEveryone(rule, this.#backward),
      inJoinedGroups: () =>
        this.#context.approximation.explains({
          source: from.fabricClass,
          destination: to.fabricClass,
          family: from.family,
          protocol: LOWER[flow.protocol],
          port: flow.port,
          sourcePort: flow.sourcePort,
        }),
      elsewhereInEpg: () => this.#allowedElsewhere(flow),
    });
  }

  /**
   * The finding about an EPG that is cut by address, where the flow is allowed for another address of it, or looks like the answer to
   * one that is.
   */
  #allowedElsewhere(flow: FlowPorts): FindingCode | undefined {
    const ends = this.#ends;
    const { outside, splitEpgs } = this.#context;
    const others = ({ fabricClass, family }: PlaceAddress): readonly (readonly [Place, PlaceAddress])[] => {
      if (!splitEpgs.has(fabricClass ?? '')) return [];
      return outside.flatMap(({ places }) =>
        places.flatMap((place) =>
          place.addresses.flatMap((address): readonly (readonly [Place, PlaceAddress])[] =>
            address.fabricClass === fabricClass && address.family === family ? [[place, address]] : [],
          ),
        ),
      );
    };
    if (others(ends.from).some(([source, from]) => this.#mayPass({ ...ends, source, from }, flow)))
      return splitEpgs.get(ends.from.fabricClass ?? '');
    const isAllowed = others(ends.to).some(([destination, to]) => this.#mayPass({ ...ends, destination, to }, flow));
    return isAllowed ? splitEpgs.get(ends.to.fabricClass ?? '') : undefined;
  }

  /** Whether the flow is allowed between other ends, or the fabric cannot tell it from what is: UDP_REVERSE, SCTP_PORTS. */
  #mayPass(ends: Ends, { protocol, port, sourcePort }: FlowPorts): boolean {
    if (this.#allows(ends, protocol, port)) return true;
    const back = turned(ends);
    if (protocol === 'UDP') return this.#allows(back, 'UDP', sourcePort);
    if (protocol !== 'SCTP') return false;
    const { everyPort } = this.#context.specification;
    return [ends, back].some((some) =>
      [1, ...policyPorts(everyPort, some.destination.endpoint, 'SCTP')].some((any) => this.#allows(some, 'SCTP', any)),
    );
  }

  #differs(flow: FlowPorts, kind: CounterExample['kind']): void {
    const { source, from, destination, to } = this.#ends;
    this.#total.differs({ source, sourceAddress: from, destination, destinationAddress: to, ...flow, kind });
  }
}

const turned = ({ source, from, destination, to }: Ends): Ends => ({
  source: destination,
  from: to,
  destination: source,
  to: from,
});

const LOWER = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' } as const;

const rulesBetween = (evaluator: FabricEvaluator, from: PlaceAddress, to: PlaceAddress): readonly ZoningRule[] =>
  from.fabricClass === undefined || to.fabricClass === undefined
    ? []
    : evaluator.rulesBetween(from.fabricClass, to.fabricClass);

const SYN: ReadonlySet<'syn'> = new Set(['syn'] as const);

/** The first packet of a connection. */
export const openingFrom = ({ protocol, port, sourcePort }: FlowPorts, family: 4 | 6): Packet => ({
  family,
  protocol: PROTOCOLS[protocol],
  sourcePort,
  destinationPort: port,
  ...(protocol === 'TCP' ? { tcpFlags: SYN } : {}),
});

const answersPass = (rules: readonly ZoningRule[], opening: Packet): boolean =>
  (['accept', 'reset'] as const).every((kind) => decide(rules, replyPacket(opening, kind)).permitted);
