import { CLIENT_PORT, decide, type FabricEvaluator, type Packet, replyPacket, type ZoningRule } from '#fabric';
import type { FindingCode } from '#model/policy';
import {
  type CriticalPorts,
  fabricPorts,
  namedPorts,
  PROTOCOL_NAMES,
  PROTOCOLS,
  type ProtocolName,
  policyPorts,
} from './critical-ports.js';
import { excessCode } from './excess.js';
import type { Specification } from './oracle.js';
import type { Place, PlaceAddress, PlaceClass } from './places.js';

/** A flow on which policies and fabric do not agree, and nothing explains why. */
export interface CounterExample {
  readonly source: Place;
  readonly sourceAddress: PlaceAddress;
  readonly destination: Place;
  readonly destinationAddress: PlaceAddress;
  readonly protocol: ProtocolName;
  readonly port: number;
  readonly sourcePort: number;
  /** `denied`: policies allow it, the fabric does not. `opened`: the other way round. `reply`: an answer is dropped. */
  readonly kind: 'denied' | 'opened' | 'reply';
}

/** What the check of all critical points found. */
export interface Proof {
  /** Flows that were evaluated on both sides. */
  readonly points: number;
  /** Ordered pairs of places that these points stand for. */
  readonly pairs: number;
  /** Points where the fabric opens more than policies allow, by the finding that explains it. */
  readonly excesses: ReadonlyMap<FindingCode, number>;
  /** Points that nothing explains, and one of them. */
  readonly differences: number;
  readonly counterExample: CounterExample | undefined;
}

/** What the fabric says, and what explains that it cannot say more. */
export interface ProofInput {
  readonly specification: Specification;
  readonly evaluator: FabricEvaluator;
  readonly pods: readonly PlaceClass[];
  readonly outside: readonly PlaceClass[];
  /** Dns of foreign EPGs that an ipBlock cuts (finding IPBLOCK_SPLITS_EPG). */
  readonly splitEpgs: ReadonlySet<string>;
}

/**
 * Compares the fabric with the plain specification at every critical point (policy.md §4.4): for TCP both open the same; for
 * UDP and SCTP the fabric opens no less, and what it opens more a finding explains; the answers to every allowed flow pass.
 * Complete for the given state, because verdicts are constant between critical ports and inside classes of places.
 */
export function prove(input: ProofInput): Proof {
  const check = new Check(input);
  const { pods, outside } = input;
  for (const source of pods) {
    for (const destination of pods) check.classes(source, destination);
    for (const other of outside) {
      check.classes(source, other);
      check.classes(other, source);
    }
  }
  return check.result();
}

/** Two addresses between which flows are checked, with the rules that hold there. */
interface Between {
  readonly source: Place;
  readonly from: PlaceAddress;
  readonly destination: Place;
  readonly to: PlaceAddress;
  readonly forward: readonly ZoningRule[];
  readonly backward: readonly ZoningRule[];
}

class Check {
  readonly #input: ProofInput;
  readonly #policyPorts = new Map<string, readonly number[]>();
  readonly #excesses = new Map<FindingCode, number>();
  #points = 0;
  #pairs = 0;
  #differences = 0;
  #counterExample: CounterExample | undefined;

  constructor(input: ProofInput) {
    this.#input = input;
  }

  result(): Proof {
    return {
      points: this.#points,
      pairs: this.#pairs,
      excesses: this.#excesses,
      differences: this.#differences,
      counterExample: this.#counterExample,
    };
  }

  /** Checks one pair of places for all of the two classes; inside a class two different members, if there are two. */
  classes(sources: PlaceClass, destinations: PlaceClass): void {
    const [source] = sources.places;
    const destination = sources === destinations ? destinations.places[1] : destinations.places[0];
    if (source === undefined || destination === undefined) return;
    this.#pairs += sources.size * (destinations.size - (sources === destinations ? 1 : 0));
    for (const from of source.addresses) {
      for (const to of destination.addresses) {
        if (from.family === to.family) this.#addresses({ source, from, destination, to });
      }
    }
  }

  #addresses(ends: Omit<Between, 'forward' | 'backward'>): void {
    const { evaluator } = this.#input;
    const rules = (a: PlaceAddress, b: PlaceAddress): readonly ZoningRule[] =>
      a.fabricClass === undefined || b.fabricClass === undefined
        ? []
        : evaluator.rulesBetween(a.fabricClass, b.fabricClass);
    const between = { ...ends, forward: rules(ends.from, ends.to), backward: rules(ends.to, ends.from) };
    for (const protocol of PROTOCOL_NAMES) {
      const ports = this.#portsOf(between, protocol);
      for (const port of ports.destination) {
        const expected = this.#allows(between, protocol, port);
        for (const sourcePort of ports.source) this.#point(between, { protocol, port, sourcePort }, expected);
      }
    }
  }

  #portsOf({ source, destination, forward, backward }: Between, protocol: ProtocolName): CriticalPorts {
    const fabric = fabricPorts(forward, backward, PROTOCOLS[protocol]);
    const all = new Set([
      ...fabric.destination,
      ...this.#portsOfNamespace(source, protocol),
      ...this.#portsOfNamespace(destination, protocol),
      ...namedPorts(destination.endpoint, protocol),
    ]);
    return { destination: [...all], source: fabric.source };
  }

  #portsOfNamespace({ endpoint: { namespace } }: Place, protocol: ProtocolName): readonly number[] {
    if (namespace === undefined) return [];
    const key = `${protocol} ${namespace}`;
    const known = this.#policyPorts.get(key);
    if (known !== undefined) return known;
    const ports = policyPorts(this.#input.specification.policiesOf(namespace), protocol);
    this.#policyPorts.set(key, ports);
    return ports;
  }

  #allows(
    { source, from, destination, to }: Pick<Between, 'source' | 'from' | 'destination' | 'to'>,
    protocol: ProtocolName,
    port: number,
  ): boolean {
    const ends = {
      source: source.endpoint,
      sourceIp: from.ip,
      destination: destination.endpoint,
      destinationIp: to.ip,
    };
    return this.#input.specification.allows({ ...ends, protocol, port });
  }

  #point(between: Between, flow: Pick<CounterExample, 'protocol' | 'port' | 'sourcePort'>, expected: boolean): void {
    this.#points += 1;
    const opening = openingFrom(flow, between.from.family);
    const opens = decide(between.forward, opening).permitted;
    if (opens && !expected) {
      const code = this.#explained(between, flow);
      if (code === undefined) this.#differs(between, flow, 'opened');
      else this.#excesses.set(code, (this.#excesses.get(code) ?? 0) + 1);
    } else if (!opens && expected) this.#differs(between, flow, 'denied');
    else if (expected && !answersPass(between.backward, opening)) this.#differs(between, flow, 'reply');
  }

  #explained(
    between: Between,
    flow: Pick<CounterExample, 'protocol' | 'port' | 'sourcePort'>,
  ): FindingCode | undefined {
    const { source, from, destination, to } = between;
    const back = { source: destination, from: to, destination: source, to: from };
    return excessCode({
      ...flow,
      opensBack: (protocol, port) => this.#allows(back, protocol, port),
      sctpAtAll: () =>
        this.#sctpPorts(between).some(
          (port) => this.#allows(between, 'SCTP', port) || this.#allows(back, 'SCTP', port),
        ),
      elsewhereInEpg: () => this.#allowsElsewhere(between, flow),
    });
  }

  #sctpPorts(between: Between): readonly number[] {
    const back = { ...between, source: between.destination, destination: between.source };
    return [between, back].flatMap((ends) => this.#portsOf(ends, 'SCTP').destination);
  }

  /** Whether the flow is allowed for another address of a foreign EPG that an ipBlock cuts. */
  #allowsElsewhere(between: Between, { protocol, port }: Pick<CounterExample, 'protocol' | 'port'>): boolean {
    const { outside, splitEpgs } = this.#input;
    const others = (address: PlaceAddress): readonly Place[] =>
      splitEpgs.has(address.fabricClass ?? '')
        ? outside.flatMap(({ places }) =>
            places.filter((place) => place.addresses[0]?.fabricClass === address.fabricClass),
          )
        : [];
    const allowed = (ends: Pick<Between, 'source' | 'from' | 'destination' | 'to'>): boolean =>
      ends.from.family === ends.to.family && this.#allows(ends, protocol, port);
    const asSource = others(between.from).some((place) =>
      place.addresses.some((from) => allowed({ ...between, source: place, from })),
    );
    return (
      asSource ||
      others(between.to).some((place) => place.addresses.some((to) => allowed({ ...between, destination: place, to })))
    );
  }

  #differs(
    { source, from, destination, to }: Between,
    flow: Pick<CounterExample, 'protocol' | 'port' | 'sourcePort'>,
    kind: CounterExample['kind'],
  ): void {
    this.#differences += 1;
    // A flow from an ordinary port is easier to believe, and to try, than one from the port of a service.
    const plainer = flow.sourcePort === CLIENT_PORT && this.#counterExample?.sourcePort !== CLIENT_PORT;
    if (this.#counterExample !== undefined && !plainer) return;
    this.#counterExample = { source, sourceAddress: from, destination, destinationAddress: to, ...flow, kind };
  }
}

const SYN: ReadonlySet<'syn'> = new Set(['syn'] as const);

/** The first packet of a connection. */
export const openingFrom = (
  { protocol, port, sourcePort }: Pick<CounterExample, 'protocol' | 'port' | 'sourcePort'>,
  family: 4 | 6,
): Packet => ({
  family,
  protocol: PROTOCOLS[protocol],
  sourcePort,
  destinationPort: port,
  ...(protocol === 'TCP' ? { tcpFlags: SYN } : {}),
});

const answersPass = (rules: readonly ZoningRule[], opening: Packet): boolean =>
  (['accept', 'reset'] as const).every((kind) => decide(rules, replyPacket(opening, kind)).permitted);
