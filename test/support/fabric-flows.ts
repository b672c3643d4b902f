import { type FabricEvaluator, openingPacket, replyPacket } from '#fabric';
import { parseAddress } from '#model/net';

/** IP protocol numbers of the protocols that a NetworkPolicy names. */
export const PROTOCOL_NUMBERS = { TCP: 6, UDP: 17, SCTP: 132 } as const;

/** Where a packet comes from or goes to: the Dn of a pod's EPG, or an outside address. */
export interface FabricPlace {
  readonly epg?: string;
  readonly ip: string;
}

/** Asks the evaluator about connections between places of one VRF. */
export class FlowQuestions {
  readonly #evaluator: FabricEvaluator;
  readonly #vrf: string;

  constructor(evaluator: FabricEvaluator, vrf: string) {
    this.#evaluator = evaluator;
    this.#vrf = vrf;
  }

  /** Whether the first packet passes. */
  opens(source: FabricPlace, destination: FabricPlace, protocol: keyof typeof PROTOCOL_NUMBERS, port: number): boolean {
    const packet = openingPacket(familyOf(source.ip), PROTOCOL_NUMBERS[protocol], port);
    return this.#passes(source, destination, packet);
  }

  /** Whether the answers to the first packet pass: acceptance and, for TCP, a reset. */
  answers(
    source: FabricPlace,
    destination: FabricPlace,
    protocol: keyof typeof PROTOCOL_NUMBERS,
    port: number,
  ): boolean {
    const opening = openingPacket(familyOf(source.ip), PROTOCOL_NUMBERS[protocol], port);
    return (['accept', 'reset'] as const).every((kind) =>
      this.#passes(destination, source, replyPacket(opening, kind)),
    );
  }

  #passes(source: FabricPlace, destination: FabricPlace, packet: Parameters<FabricEvaluator['verdict']>[2]): boolean {
    const from = this.#classOf(source);
    const to = this.#classOf(destination);
    return from !== undefined && to !== undefined && this.#evaluator.verdict(from, to, packet).permitted;
  }

  #classOf(place: FabricPlace): string | undefined {
    return place.epg ?? this.#evaluator.externalClass(this.#vrf, parseAddress(place.ip));
  }
}

const familyOf = (ip: string): 4 | 6 => (ip.includes(':') ? 6 : 4);
